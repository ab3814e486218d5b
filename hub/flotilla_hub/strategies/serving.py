"""What Failover leaves on a binding: the Serving condition, and `status.failover`, by which it goes on. Pure."""

from flotilla_common.conditions import condition, with_condition
from flotilla_common.errors import Invalid
from flotilla_common.objects import Obj

from ..scheduler.due import is_ours
from ..scheduler.profile import DEFAULT, Profile
from ..scheduler.request import Request, is_ordered
from ..scheduler.snapshot import Snapshot
from .failover import Choice, choose

__all__ = ["CONDITION", "RECORD", "next_look", "noted", "reads_health", "without_others"]

CONDITION, RECORD = "Serving", "failover"
_SAYS = {"Failover": (CONDITION, RECORD), "RollingUpdate": ("Progressing", "rollout")}
"""By strategy, its condition and its record."""


def reads_health(binding: Obj) -> bool:
    """Whether the workload's own health may move it."""
    strategy = ((binding.get("spec") or {}).get("placement") or {}).get("schedulerStrategy") or {}
    return (strategy.get("failover") or {}).get("unhealthySeconds") is not None


def noted(binding: Obj, choice: Choice, now: str) -> Obj:
    status = dict(binding.get("status") or {})
    said = condition(CONDITION, choice.well, choice.reason, choice.message, now)
    status["conditions"] = with_condition(status.get("conditions"), said)
    status.pop(RECORD, None)
    if choice.record:
        status[RECORD] = dict(choice.record)
    return {**binding, "status": status}


def next_look(binding: Obj, snapshot: Snapshot, now: str, profile: Profile = DEFAULT) -> float | None:
    """Seconds after which time alone may change who serves; None when only a change of something can."""
    if "schedulerStrategy" not in ((binding.get("spec") or {}).get("placement") or {}):
        return None
    try:
        request = Request.of(binding)
    except Invalid:
        return None
    if not is_ordered(request.placement) or not is_ours(binding, profile.scheduler_name):
        return None
    return choose(binding, request, snapshot, now, profile).again


def without_others(binding: Obj) -> Obj:
    """The binding without what a strategy said that is no longer its own; the same object when there is none."""
    placement = (binding.get("spec") or {}).get("placement") or {}
    own = (placement.get("schedulerStrategy") or {}).get("type", "")
    types = {type_ for strategy, (type_, _) in _SAYS.items() if strategy != own}
    records = {record for strategy, (_, record) in _SAYS.items() if strategy != own}
    status = binding.get("status") or {}
    conditions = status.get("conditions") or ()
    if records.isdisjoint(status) and not any(c.get("type") in types for c in conditions):
        return binding
    kept = {key: value for key, value in status.items() if key not in records}
    return {**binding, "status": {**kept, "conditions": [c for c in conditions if c.get("type") not in types]}}
