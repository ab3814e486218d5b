"""Builders for the kinds' tests: objects with a status, and items of an aggregated status."""

from typing import Any

from flotilla_common.objects import Obj

CLUSTERS = ("m1", "m2", "m3")


def made(api_version: str, kind: str, *, generation: int = 1, of: int | None = 1, **body: Any) -> Obj:
    """A live object made from generation `of` of its template (None: the annotation is missing)."""
    annotations = {} if of is None else {"resourcetemplate.karmada.io/generation": str(of)}
    metadata = {"name": "it", "namespace": "default", "generation": generation, "annotations": annotations}
    return {"apiVersion": api_version, "kind": kind, "metadata": {**metadata, **body.pop("metadata", {})}, **body}


def items(*statuses: dict[str, Any] | None) -> list[dict[str, Any]]:
    """One item per cluster, m1 first; None where no status is known yet."""
    return [
        {"clusterName": name, "applied": True, **({} if status is None else {"status": status})}
        for name, status in zip(CLUSTERS, statuses, strict=False)
    ]


def condition(type_: str, status: str = "True", reason: str = "", message: str = "", **more: Any) -> dict[str, Any]:
    return {"type": type_, "status": status, "reason": reason, "message": message, **more}
