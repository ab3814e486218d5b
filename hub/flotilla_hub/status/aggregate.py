"""Reports of the agents → the binding's status: one line per cluster, and whether all of them are applied. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

from flotilla_common.conditions import condition, with_condition
from flotilla_common.messages import ObjectReport
from flotilla_common.objects import Obj, decode

__all__ = ["aggregate", "expected_clusters"]

_APPLIED = "All works have been successfully applied"
_NOT_APPLIED = "Failed to apply all works, see status.aggregatedStatus for details"


class Said(Protocol):
    """What counts of a report, in whatever form it is held."""

    @property
    def applied(self) -> bool: ...

    @property
    def removed(self) -> bool: ...

    @property
    def message(self) -> str: ...

    @property
    def objects(self) -> Sequence[ObjectReport]: ...


def aggregate(
    binding: Obj,
    reports: Mapping[str, Said],
    now: str,
    troubles: Mapping[str, str] = MappingProxyType({}),
) -> Obj | None:
    """The binding with `aggregatedStatus` and the FullyApplied condition as the reports have it; None when unchanged.

    `reports` by cluster, of Works that are not on their way out. A report of a cluster the binding no longer has
    anything to do with does not count. A status travels only with a Work that is applied.

    `troubles`, by cluster: why the hub could not make or send the Work as it is wanted now. It outranks what the agent
    said, which is about an older one.
    """
    expected = expected_clusters(binding)
    said = {cluster: _item(cluster, report) for cluster, report in reports.items() if not report.removed}
    said |= {cluster: _not_applied(cluster, why) for cluster, why in troubles.items()}
    items = [said[cluster] for cluster in sorted(said) if cluster in expected]
    is_applied = bool(expected) and len(items) == len(expected) and all(item["applied"] for item in items)
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


def _item(cluster: str, report: Said) -> dict[str, Any]:
    if not report.applied:
        return _not_applied(cluster, report.message)
    item = {"clusterName": cluster, "applied": True, "health": "Unknown"}
    if report.objects:
        # A Work carries one manifest, as upstream's do.
        first = report.objects[0]
        item["health"] = first.health
        if first.status:
            item["status"] = decode(first.status)
    return item


def _not_applied(cluster: str, why: str) -> dict[str, Any]:
    message = {"appliedMessage": why} if why else {}
    return {"clusterName": cluster, "applied": False, **message, "health": "Unknown"}


def _fully_applied(is_applied: bool, now: str) -> dict[str, Any]:
    if is_applied:
        return condition("FullyApplied", True, "FullyAppliedSuccess", _APPLIED, now)
    return condition("FullyApplied", False, "FullyAppliedFailed", _NOT_APPLIED, now)
