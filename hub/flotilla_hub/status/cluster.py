"""A Cluster's status and taints from what its agent reported and when it was last heard. Pure.

Ready False taints `not-ready`, Unknown taints `unreachable`, both NoSchedule; neither ever evicts what runs.
"""

from typing import Any

from flotilla_common.conditions import condition, find, with_condition
from flotilla_common.node_grades import digest_of_grades
from flotilla_common.objects import Obj, decode

__all__ = ["NOT_READY", "UNREACHABLE", "cluster_after", "grades_of"]

NOT_READY = "cluster.karmada.io/not-ready"
UNREACHABLE = "cluster.karmada.io/unreachable"
_TAINT_OF = {"False": NOT_READY, "Unknown": UNREACHABLE}


def cluster_after(cluster: Obj, reported: bytes | None, silent: bool, now: str, graded: str = "") -> Obj | None:
    """The Cluster as it should be stored, or None when it is already so.

    `reported` is Cluster.status as JSON from the agent, None when it has not spoken yet; `silent` says that it has not
    been heard for longer than the grace period. `graded`: by which grades the agent counted its nodes; by others than
    the Cluster's the counts mean nothing, and are left out.
    """
    old_status: dict[str, Any] = cluster.get("status") or {}
    status = {**old_status, **(_reported(reported, old_status, silent, now) if reported is not None else {})}
    if graded != digest_of_grades(grades_of(cluster)):
        status = _without_modelings(status)
    if silent:
        status = {**status, "conditions": with_condition(status.get("conditions"), _lost(reported, old_status, now))}
    spec = {**cluster.get("spec", {}), "taints": _taints(cluster, _ready(status), now)}
    if not spec["taints"]:
        del spec["taints"]
    if status == old_status and spec == cluster.get("spec"):
        return None
    return {**cluster, "spec": spec, "status": status}


def grades_of(cluster: Obj) -> list[Obj]:
    """By which its nodes are to be counted."""
    return (cluster.get("spec") or {}).get("resourceModels") or []


def _without_modelings(status: dict[str, Any]) -> dict[str, Any]:
    summary = status.get("resourceSummary") or {}
    if "allocatableModelings" not in summary:
        return status
    kept = {name: value for name, value in summary.items() if name != "allocatableModelings"}
    return {**status, "resourceSummary": kept}


def _reported(reported: bytes, old: dict[str, Any], silent: bool, now: str) -> dict[str, Any]:
    fresh: dict[str, Any] = decode(reported)
    conditions = old.get("conditions") or []
    for new in fresh.pop("conditions", None) or ():
        if silent and new["type"] == "Ready":
            continue  # it was, when it was last heard
        conditions = with_condition(conditions, {**new, "lastTransitionTime": new.get("lastTransitionTime") or now})
    return {**fresh, "conditions": conditions}


def _lost(reported: bytes | None, old: dict[str, Any], now: str) -> dict[str, Any]:
    if reported is None and find(old.get("conditions"), "Ready") is None:
        return condition(
            "Ready",
            "Unknown",
            "ClusterStatusNeverUpdated",
            "Cluster status controller never posted cluster status.",
            now,
        )
    return condition(
        "Ready", "Unknown", "ClusterStatusUnknown", "Cluster status controller stopped posting cluster status.", now
    )


def _ready(status: dict[str, Any]) -> str | None:
    found = find(status.get("conditions"), "Ready")
    return found["status"] if found else None


def _taints(cluster: Obj, ready: str | None, now: str) -> list[dict[str, Any]]:
    held = [t for t in (cluster.get("spec") or {}).get("taints") or ()]
    # No Ready condition at all counts as not ready, as upstream has it.
    wanted = _TAINT_OF.get(ready or "False")
    kept = [t for t in held if t.get("key") not in _TAINT_OF.values() or t.get("key") == wanted]
    if wanted and not any(t.get("key") == wanted and t.get("effect") == "NoSchedule" for t in kept):
        kept.append({"key": wanted, "effect": "NoSchedule", "timeAdded": now})
    return kept
