"""What every binding that has been looked at asks of clusters, and where it is: whom a change of one cluster may move.

A binding that is not known here is on its way through the scheduler's queue, and will be looked at whatever changes.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from flotilla_common.conditions import is_true
from flotilla_common.errors import Invalid
from flotilla_common.objects import GVK, Obj

from ..scheduler.due import is_ours
from ..scheduler.impact import PLAIN, impact
from ..scheduler.profile import DEFAULT, Profile
from ..scheduler.request import Request
from ..store.port import Key
from .changes import ClusterChange

__all__ = ["Settled"]


class _Wish(NamedTuple):
    """Bindings that ask the same, and the clusters each of them is in."""

    request: Request
    members: dict[Key, frozenset[str]]


_WishKey = tuple[bytes, GVK, bool]


class Settled:
    """Does no I/O. `note` what was decided, `forget` what is gone."""

    def __init__(self, profile: Profile = DEFAULT) -> None:
        self._profile = profile
        self._wishes: dict[_WishKey, _Wish] = {}
        self._wish_of: dict[Key, _WishKey] = {}
        self._restless: set[Key] = set()
        """Any change may help them: they have no place yet, or ask what `impact` does not know about."""

    def note(self, key: Key, binding: Obj) -> None:
        """The binding as the scheduler left it."""
        self.forget(key)
        if not is_ours(binding, self._profile.scheduler_name):
            return
        request = _request(binding)
        if request is None:
            self._restless.add(key)
            return
        at = self._wish_of[key] = (request.placement_key, request.gvk, request.is_workload)
        wish = self._wishes.setdefault(at, _Wish(request.without_place(), {}))
        wish.members[key] = _shared(frozenset(request.previous))

    def forget(self, key: Key) -> None:
        self._restless.discard(key)
        at = self._wish_of.pop(key, None)
        if at is not None:
            wish = self._wishes[at]
            del wish.members[key]
            if not wish.members:
                del self._wishes[at]

    def moved_by(self, change: ClusterChange) -> Iterator[Key]:
        """The bindings to be looked at again."""
        yield from self._restless
        cluster = change.after or change.before
        if cluster is None:
            return
        for wish in self._wishes.values():
            on_targets, on_others = impact(wish.request, *change, self._profile)
            if on_targets or on_others:
                for key, targets in wish.members.items():
                    if on_targets if cluster.name in targets else on_others:
                        yield key


def _request(binding: Obj) -> Request | None:
    """What it asks; None when it is not settled, or asks more than `impact` can judge."""
    spec, status = binding["spec"], binding.get("status") or {}
    asks_more = not PLAIN.issuperset(spec.get("placement") or ()) or spec.get("workloadAffinityGroups")
    if asks_more or not is_true(status.get("conditions"), "Scheduled"):
        return None
    try:
        return Request.of(binding)
    except Invalid:
        return None


@lru_cache(maxsize=1024)
def _shared(names: frozenset[str]) -> frozenset[str]:
    """Of a thousand bindings that go everywhere each would hold a set of its own."""
    return names
