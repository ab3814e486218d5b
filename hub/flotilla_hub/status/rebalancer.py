"""What a WorkloadRebalancer says of its workloads, and how long it still stays. Pure."""

from collections.abc import Mapping
from typing import Any

from flotilla_common.objects import Obj, meta_of
from flotilla_common.times import seconds_since, time_of
from flotilla_hub.admission.lifecycle import updated

__all__ = ["Workload", "asked_anew", "concluded", "pending", "seconds_left"]

Workload = tuple[str, str, str, str]
"""apiVersion, kind, namespace, name: what the lines of the status are sorted by, too."""

SUCCESSFUL, FAILED, NOT_FOUND = "Successful", "Failed", "ReferencedBindingNotFound"


def pending(rebalancer: Obj) -> tuple[Workload, ...]:
    """The workloads nothing is said of yet, sorted. One that was not found is not looked for again, as upstream."""
    return tuple(workload for workload, line in _lines(rebalancer).items() if not line.get("result"))


def asked_anew(binding: Obj, rebalancer: Obj) -> Obj | None:
    """The binding that asks for a fresh division since the rebalancer was made; None when it was asked later than that.

    What is stored twice asks once: the time is the rebalancer's own and does not move.
    """
    since = str(meta_of(rebalancer).get("creationTimestamp") or "")
    spec = binding.get("spec") or {}
    if time_of(spec.get("rescheduleTriggeredAt")) >= time_of(since):
        return None
    return updated(binding, {**binding, "spec": {**spec, "rescheduleTriggeredAt": since}})


def concluded(rebalancer: Obj, found: Mapping[Workload, bool], now: str) -> Obj | None:
    """The rebalancer with a result for every workload in `found` (whether it has a binding); None when unchanged.

    A workload the user took off the list stays in the status if it was rebalanced. Any change moves `finishTime`.
    """
    lines = _lines(rebalancer)
    lines |= {workload: {**lines[workload], **_result(has)} for workload, has in found.items() if workload in lines}
    old = rebalancer.get("status") or {}
    status = {**old, "observedWorkloads": list(lines.values()), "observedGeneration": meta_of(rebalancer)["generation"]}
    if status == old:
        return None
    is_done = all(line.get("result") for line in lines.values())
    return {**rebalancer, "status": {**status, "finishTime": now} if is_done else status}


def seconds_left(rebalancer: Obj, now: str) -> float | None:
    """Until it is to be deleted, below zero when that is past; None when it stays."""
    lifetime = (rebalancer.get("spec") or {}).get("ttlSecondsAfterFinished")
    finished = (rebalancer.get("status") or {}).get("finishTime")
    if lifetime is None or not finished:
        return None
    return float(lifetime) - seconds_since(finished, now, unreadable=0.0)


def _lines(rebalancer: Obj) -> dict[Workload, dict[str, Any]]:
    """A line for every workload of the spec, and for every other that was rebalanced; in order."""
    listed = {_id(w): {"workload": w} for w in (rebalancer.get("spec") or {}).get("workloads") or ()}
    told = {_id(o["workload"]): o for o in (rebalancer.get("status") or {}).get("observedWorkloads") or ()}
    kept = {id_: line for id_, line in told.items() if id_ in listed or line.get("result") == SUCCESSFUL}
    return dict(sorted((listed | kept).items(), key=lambda item: " ".join(item[0])))


def _id(workload: Mapping[str, Any]) -> Workload:
    return workload["apiVersion"], workload["kind"], workload.get("namespace") or "", workload["name"]


def _result(has_binding: bool) -> dict[str, str]:
    return {"result": SUCCESSFUL} if has_binding else {"result": FAILED, "reason": NOT_FOUND}
