"""Job (batch). It is done on the hub when it is done everywhere, and failed when it failed anywhere."""

from collections.abc import Sequence
from typing import Any

from ..conditions import find, is_true
from ..objects import Obj
from .base import Item, Kind, at, conditions_of, spec_of, status_in, status_of, statuses, summed, with_value
from .pod_template import requirements_of
from .references import pods_of

__all__ = ["KIND"]

_COUNTERS = ("active", "succeeded", "failed")
_REFLECTED = (*_COUNTERS, "conditions", "startTime", "completionTime")
_RETAINED = (("spec", "selector", "matchLabels"), ("spec", "template", "metadata", "labels"))
_FINISHED = ("Complete", "Failed")


def _replicas(obj: Obj) -> tuple[int, Obj | None]:
    """No more pods run at once than there are completions to reach. One is what a kube-apiserver fills in."""
    spec = spec_of(obj)
    parallelism = 1 if spec.get("parallelism") is None else int(spec["parallelism"])
    completions = parallelism if spec.get("completions") is None else int(spec["completions"])
    return min(parallelism, completions), requirements_of(spec.get("template") or {})


def _revise(obj: Obj, count: int) -> Obj:
    return with_value(obj, ("spec", "parallelism"), count)


def _retain(desired: Obj, live: Obj) -> Obj:
    """The member generates the selector and the matching labels, and lets nobody change them."""
    for path in _RETAINED:
        value = at(live, *path)
        desired = desired if value is None else with_value(desired, path, value)
    return desired


def _reflect(obj: Obj) -> Obj | None:
    status = status_of(obj)
    return {name: status[name] for name in _REFLECTED if status.get(name)}


def _aggregate(template: Obj, items: Sequence[Item]) -> Obj | None:
    old = status_of(template)
    if any(is_true(old.get("conditions"), type_) for type_ in _FINISHED):
        return None
    status = {key: value for key, value in old.items() if key not in _COUNTERS} | summed(items, _COUNTERS)
    known = statuses(items)
    started = [s["startTime"] for s in known if s.get("startTime")]
    completed = [s["completionTime"] for s in known if s.get("completionTime")]
    if items and len(started) == len(items) and not status.get("startTime"):
        status["startTime"] = min(started)
    if items and len(completed) == len(items):
        status["completionTime"] = max(completed)
    if verdict := _verdict(items):
        status["conditions"] = [*(old.get("conditions") or ()), *verdict]
    return status


def _verdict(items: Sequence[Item]) -> list[dict[str, Any]]:
    """The conditions that end the template, or none while members still work on it."""
    failed = [str(i["clusterName"]) for i in items if is_true(conditions_of(status_in(i)), "Failed")]
    if failed:
        message = f"Job executed failed in member clusters {','.join(failed)}"
        return [_condition("Failed", "JobFailed", message, items)]
    if not _all_say(items, "Complete"):
        return []
    complete = _condition("Complete", "Completed", "Job completed", items)
    if not _all_say(items, "SuccessCriteriaMet"):
        return [complete]
    return [_condition("SuccessCriteriaMet", "Completed", "Job completed", items), complete]


def _all_say(items: Sequence[Item], type_: str) -> bool:
    return bool(items) and all(is_true(conditions_of(status_in(i)), type_) for i in items)


def _condition(type_: str, reason: str, message: str, items: Sequence[Item]) -> dict[str, Any]:
    # Its time is the last member's: aggregating the same statuses again must give the same condition.
    found = [find(conditions_of(s), type_) for s in statuses(items)]
    times = [c["lastTransitionTime"] for c in found if c and c.get("lastTransitionTime")]
    when = {"lastProbeTime": max(times), "lastTransitionTime": max(times)} if times else {}
    return {"type": type_, "status": "True", "reason": reason, "message": message, **when}


KIND = Kind(
    replicas=_replicas,
    revise=_revise,
    retain=_retain,
    reflect=_reflect,
    aggregate=_aggregate,
    dependencies=pods_of("spec", "template", "spec"),
)
