"""The place a new binding can be given with its creation: one write less for most templates. Pure."""

from flotilla_common.conditions import is_true
from flotilla_common.errors import Invalid
from flotilla_common.objects import Obj

from .asking import looks_at_room
from .impact import PLAIN
from .outcome import schedule
from .profile import DEFAULT, Profile
from .request import Request
from .snapshot import Snapshot

__all__ = ["placed_at_once"]


def placed_at_once(fresh: Obj, snapshot: Snapshot, now: str, profile: Profile = DEFAULT) -> Obj | None:
    """`fresh`, which nobody has stored yet, as its first scheduling leaves it.

    None where that is for the scheduler's queue: agents may have to be asked, others of its groups count, its strategy
    keeps a clock, or there is no place for it now, which is tried again at a pace of its own.
    """
    spec = fresh["spec"]
    is_plain = PLAIN.issuperset(spec.get("placement") or ()) and not spec.get("workloadAffinityGroups")
    if profile.has_assumptions or not is_plain:
        return None
    try:
        if looks_at_room(Request.of(fresh)):
            return None
    except Invalid:
        return None
    placed = schedule(fresh, snapshot, now, profile=profile)
    return placed if placed and is_true((placed.get("status") or {}).get("conditions"), "Scheduled") else None
