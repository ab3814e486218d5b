"""The schemas of Kubernetes' own kinds, from kubernetes.json: tests/kube/schemas.py harvests it."""

from functools import cache
from importlib.resources import files
from typing import Any

from flotilla_common.objects import GVK, decode

from .resource import Schema

__all__ = ["definitions", "kinds", "object_meta", "schema_of"]

_OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


def schema_of(gvk: GVK) -> Schema | None:
    """None for a kind that is not Kubernetes' own."""
    name = kinds().get(str(gvk))
    return _linked()[name] if name else None


def object_meta() -> Schema:
    return _linked()[_OBJECT_META]


def definitions() -> dict[str, Any]:
    """By name, with `$ref` still naming another definition."""
    held: dict[str, Any] = _document()["definitions"]
    return held


def kinds() -> dict[str, str]:
    """`"apps/v1 Deployment"` → the name of its definition."""
    held: dict[str, str] = _document()["kinds"]
    return held


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = decode(files(__package__).joinpath("kubernetes.json").read_bytes())
    return document


@cache
def _linked() -> dict[str, Schema]:
    """Every definition with its references replaced by the very object they name, so that walking needs no lookups."""
    linked: dict[str, dict[str, Any]] = {name: {} for name in definitions()}
    for name, definition in definitions().items():
        linked[name].update(_link(definition, linked))
    return dict(linked)


def _link(schema: dict[str, Any], linked: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if isinstance(schema.get("$ref"), str):
        return linked[schema["$ref"]]
    result = dict(schema)
    if "properties" in schema:
        result["properties"] = {name: _link(of, linked) for name, of in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in schema:
            result[key] = _link(schema[key], linked)
    return result
