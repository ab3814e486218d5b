"""What Failover leaves on a binding: the Serving condition, and `status.failover`, by which it goes on. Pure."""

from flotilla_common.conditions import condition, find, with_condition
from flotilla_common.errors import Invalid
from flotilla_common.objects import Obj

from ..scheduler.due import is_ours
from ..scheduler.profile import DEFAULT, Profile
from ..scheduler.request import Request, is_ordered
from ..scheduler.snapshot import Snapshot
from .failover import Choice, choose

__all__ = ["CONDITION", "RECORD", "next_look", "noted", "reads_health", "without_record"]

CONDITION, RECORD = "Serving", "failover"


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
    return choose(binding, request, snapshot, now, profile.filters).again


def without_record(binding: Obj) -> Obj:
    """The binding once Failover is no longer its strategy; the same object when it never was."""
    status = binding.get("status") or {}
    if RECORD not in status and find(status.get("conditions"), CONDITION) is None:
        return binding
    conditions = [c for c in status.get("conditions") or () if c.get("type") != CONDITION]
    kept = {key: value for key, value in status.items() if key != RECORD}
    return {**binding, "status": {**kept, "conditions": conditions}}
