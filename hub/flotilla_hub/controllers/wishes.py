"""What every binding that has been looked at asks of clusters, and where it is: whom a change of one cluster may move.

A binding that is not known here is on its way through the scheduler's queue, and will be looked at whatever changes.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from flotilla_common.conditions import find
from flotilla_common.errors import Invalid
from flotilla_common.objects import GVK, Obj

from ..scheduler.due import is_ours
from ..scheduler.impact import PLAIN, impact, may_help
from ..scheduler.profile import DEFAULT, Profile
from ..scheduler.request import Request
from ..store.port import Key
from .changes import ClusterChange

__all__ = ["Wishes", "failure_of"]


def failure_of(binding: Obj) -> str:
    """The reason it is not placed as it asks; empty when it is."""
    scheduled = find((binding.get("status") or {}).get("conditions"), "Scheduled")
    return str(scheduled.get("reason") or "SchedulerError") if scheduled and scheduled.get("status") != "True" else ""


class _WishKey(NamedTuple):
    placement: bytes
    gvk: GVK
    is_workload: bool
    failure: str
    """Why those who wish it do not have it, empty for those who do."""

    @property
    def lacks_room(self) -> bool:
        """Whether a cluster that fits may still be too small for it now."""
        return self.failure not in ("", "NoClusterFit")


class _Wish(NamedTuple):
    """Bindings that ask the same, and the clusters each of them is in."""

    request: Request
    members: dict[Key, frozenset[str]]


class Wishes:
    """Does no I/O. `note` what was decided, `forget` what is gone."""

    def __init__(self, profile: Profile = DEFAULT) -> None:
        self._profile = profile
        self._wishes: dict[_WishKey, _Wish] = {}
        self._wish_of: dict[Key, _WishKey] = {}
        self._lacking: set[_WishKey] = set()
        """Those that a cluster with more room may fulfil: asked at every report of every cluster."""
        self._restless: set[Key] = set()
        """Any change may move them: they ask what `impact` does not know about."""

    @property
    def lack_room(self) -> bool:
        """Whether anyone does, so that a cluster's free resources matter."""
        return bool(self._lacking)

    def note(self, key: Key, binding: Obj) -> bool:
        """The binding as the scheduler left it. Whether it wishes anything: it is ours, and can be read."""
        self.forget(key)
        if not is_ours(binding, self._profile.scheduler_name):
            return False
        try:
            request = Request.of(binding)
        except Invalid:
            return False  # no cluster can help it
        if _asks_more(binding):
            self._restless.add(key)
            return True
        at = _WishKey(request.placement_key, request.gvk, request.is_workload, failure_of(binding))
        self._wish_of[key] = at
        wish = self._wishes.setdefault(at, _Wish(request.without_place(), {}))
        wish.members[key] = _shared(frozenset(request.previous))
        if at.lacks_room:
            self._lacking.add(at)
        return True

    def forget(self, key: Key) -> None:
        self._restless.discard(key)
        at = self._wish_of.pop(key, None)
        if at is not None:
            wish = self._wishes[at]
            del wish.members[key]
            if not wish.members:
                del self._wishes[at]
                self._lacking.discard(at)

    def moved_by(self, change: ClusterChange) -> Iterator[Key]:
        """The bindings to be looked at again when more than a cluster's free resources changed."""
        yield from self._restless
        cluster = change.after or change.before
        if cluster is None:
            return
        for at, wish in self._wishes.items():
            if at.failure:
                yield from wish.members if self._may_help(at, wish, change) else ()
                continue
            on_targets, on_others = impact(wish.request, *change, self._profile)
            if on_targets or on_others:
                for key, targets in wish.members.items():
                    if on_targets if cluster.name in targets else on_others:
                        yield key

    def helped_by(self, change: ClusterChange) -> Iterator[Key]:
        """Those to be looked at again when nothing but a cluster's free resources changed."""
        for at in self._lacking:
            if self._may_help(at, self._wishes[at], change):
                yield from self._wishes[at].members

    def _may_help(self, at: _WishKey, wish: _Wish, change: ClusterChange) -> bool:
        return may_help(wish.request, *change, self._profile, lacks_room=at.lacks_room)


def _asks_more(binding: Obj) -> bool:
    """Whether it asks more than `impact` can judge."""
    return not PLAIN.issuperset(binding["spec"].get("placement") or ())


@lru_cache(maxsize=1024)
def _shared(names: frozenset[str]) -> frozenset[str]:
    """Of a thousand bindings that go everywhere each would hold a set of its own."""
    return names
