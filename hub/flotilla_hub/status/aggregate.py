"""Reports of the agents → the binding's status: one line per cluster, and whether all of them are applied. Pure."""

from collections.abc import Mapping
from typing import Any

from flotilla_common.conditions import condition, with_condition
from flotilla_common.messages import WorkReport
from flotilla_common.objects import Obj, decode

__all__ = ["aggregate", "expected_clusters"]

_APPLIED = "All works have been successfully applied"
_NOT_APPLIED = "Failed to apply all works, see status.aggregatedStatus for details"


def aggregate(binding: Obj, reports: Mapping[str, WorkReport], now: str) -> Obj | None:
    """The binding with `aggregatedStatus` and the FullyApplied condition as the reports have it; None when unchanged.

    `reports` by cluster, of Works that are not on their way out. A report of a cluster the binding no longer has
    anything to do with does not count. A status travels only with a Work that is applied.
    """
    expected = expected_clusters(binding)
    items = [
        _item(cluster, reports[cluster])
        for cluster in sorted(reports)
        if cluster in expected and not reports[cluster].removed
    ]
    is_applied = len(items) == len(expected) and all(item["applied"] for item in items)
    old = binding.get("status") or {}
    conditions = with_condition(old.get("conditions"), _fully_applied(is_applied, now))
    if items == (old.get("aggregatedStatus") or []) and conditions == old.get("conditions"):
        return None
    return {**binding, "status": {**old, "aggregatedStatus": items, "conditions": conditions}}


def expected_clusters(binding: Obj) -> set[str]:
    """Where the binding should be seen: its targets, those of whoever depends on it, and what it leaves gently."""
    spec = binding.get("spec") or {}
    owners = (spec, *(spec.get("requiredBy") or ()))
    clusters = {cluster["name"] for owner in owners for cluster in owner.get("clusters") or ()}
    leaving = spec.get("gracefulEvictionTasks") or ()
    return clusters | {task["fromCluster"] for task in leaving if task.get("purgeMode") != "Directly"}


def _item(cluster: str, report: WorkReport) -> dict[str, Any]:
    if not report.applied:
        message = {"appliedMessage": report.message} if report.message else {}
        return {"clusterName": cluster, "applied": False, **message, "health": "Unknown"}
    item = {"clusterName": cluster, "applied": True, "health": "Unknown"}
    if report.objects:
        # A Work carries one manifest, as upstream's do.
        first = report.objects[0]
        item["health"] = first.health
        if first.status:
            item["status"] = decode(first.status)
    return item


def _fully_applied(is_applied: bool, now: str) -> dict[str, Any]:
    if is_applied:
        return condition("FullyApplied", True, "FullyAppliedSuccess", _APPLIED, now)
    return condition("FullyApplied", False, "FullyAppliedFailed", _NOT_APPLIED, now)
