"""The graceful eviction tasks of a binding: one is added when a cluster is left, and dropped when it has been. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flotilla_common.objects import Obj, meta_of
from flotilla_common.times import seconds_since

__all__ = ["Departure", "Review", "evicted", "review"]


@dataclass(frozen=True, slots=True)
class Departure:
    """Why a cluster is left and how; upstream's words for reason and producer."""

    cluster: str
    reason: str
    producer: str
    purge_mode: str
    message: str = ""
    grace_period: int | None = None
    """Seconds; only for Gracefully."""
    preserved: Mapping[str, str] | None = None
    """Labels that carry what the failed copy knew to the one that takes over."""


class Review(NamedTuple):
    """`binding`: as it is to be stored, None when nothing changes. `again`: seconds until it is to be looked at."""

    binding: Obj | None
    again: float | None


def evicted(binding: Obj, departure: Departure, now: str, *, graceful: bool = True) -> Obj | None:
    """The binding without the cluster, and with a task for it; None when it is not placed there.

    Without `graceful` (the gate GracefulEviction is off) there is no task: the Work goes at once.
    """
    spec = binding.get("spec") or {}
    clusters: Sequence[Mapping[str, Any]] = spec.get("clusters") or ()
    left = next((c for c in clusters if c["name"] == departure.cluster), None)
    if left is None:
        return None
    tasks = list(spec.get("gracefulEvictionTasks") or ())
    # What must never be removed needs its task even so: it is what holds the Work.
    is_kept = graceful or departure.purge_mode == "Never"
    if is_kept and all(task["fromCluster"] != departure.cluster for task in tasks):
        tasks.append(_task(departure, left, [c["name"] for c in clusters], now))
    after = {**spec, "clusters": [c for c in clusters if c is not left]}
    return {**binding, "spec": {**after, "gracefulEvictionTasks": tasks} if tasks else after}


def _task(departure: Departure, left: Mapping[str, Any], before: Sequence[str], now: str) -> dict[str, Any]:
    task: dict[str, Any] = {
        "fromCluster": departure.cluster,
        "purgeMode": departure.purge_mode,
        "reason": departure.reason,
        "producer": departure.producer,
        "creationTimestamp": now,
        "clustersBeforeFailover": list(before),
    }
    if left.get("replicas"):
        task["replicas"] = left["replicas"]
    if departure.message:
        task["message"] = departure.message
    if departure.preserved:
        task["preservedLabelState"] = dict(departure.preserved)
    if departure.purge_mode == "Never":
        task["suppressDeletion"] = True
    elif departure.purge_mode == "Gracefully" and departure.grace_period is not None:
        task["gracePeriodSeconds"] = departure.grace_period
    return task


def review(binding: Obj, now: str, timeout: float) -> Review:
    """Drop the tasks that are over. `timeout`: seconds, for tasks that name no grace period.

    With its task the Work may go, so a task stays while the scheduler has not yet answered the eviction.
    """
    tasks: Sequence[dict[str, Any]] = (binding.get("spec") or {}).get("gracefulEvictionTasks") or ()
    if not tasks:
        return Review(None, None)
    is_replaced = _is_replaced(binding)
    kept: list[dict[str, Any]] = []
    waits: list[float] = []
    for task in tasks:
        task = task if task.get("creationTimestamp") else {**task, "creationTimestamp": now}
        left = _seconds_left(task, now, timeout, is_replaced=is_replaced)
        if left is None or left > 0:
            kept.append(task)
            waits += [] if left is None else [left]
    again = min(waits, default=None)
    if kept == list(tasks):
        return Review(None, again)
    spec = {key: value for key, value in binding["spec"].items() if key != "gracefulEvictionTasks"}
    return Review({**binding, "spec": {**spec, "gracefulEvictionTasks": kept} if kept else spec}, again)


def _seconds_left(task: Mapping[str, Any], now: str, timeout: float, *, is_replaced: bool) -> float | None:
    """Until the task is over, zero or less when it is; None while only a person can end it."""
    if task.get("suppressDeletion") is not None:
        return None if task["suppressDeletion"] else 0.0
    if is_replaced:
        return 0.0
    period = task.get("gracePeriodSeconds")
    # What cannot be read must not make a deletion come sooner.
    age = seconds_since(task["creationTimestamp"], now, unreadable=0.0)
    return (timeout if period is None else float(period)) - age


def _is_replaced(binding: Obj) -> bool:
    """The scheduler has seen the eviction, and what it chose instead is healthy.

    Without any target nothing has taken over, so what still runs has its whole time; upstream removes it at once.
    """
    status = binding.get("status") or {}
    if status.get("schedulerObservedGeneration") != meta_of(binding).get("generation"):
        return False
    health = {item["clusterName"]: item.get("health") for item in status.get("aggregatedStatus") or ()}
    targets = [c["name"] for c in binding["spec"].get("clusters") or ()]
    return bool(targets) and all(health.get(name) == "Healthy" for name in targets)
