"""A new binding stored with its place, by the detector; the scheduler need not look at it again, unless it must."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from flotilla_common.objects import Obj

from ..scheduler.first import placed_at_once
from ..scheduler.snapshot import Snapshot
from ..store.objects import Event
from ..store.port import Key
from .changes import is_write_of
from .controller import Hub

__all__ = ["FirstPlace"]


class _Given(NamedTuple):
    binding: Obj
    snapshot: Snapshot
    """What it was decided on."""


class FirstPlace:
    """Remembers what is being written, and nothing after that."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._given: dict[Key, _Given] = {}

    @contextmanager
    def giving(self, key: Key, fresh: Obj) -> Iterator[Obj]:
        """Round the creation of a binding: what to store; `fresh` itself where its place has to be looked for."""
        snapshot = self._hub.lenses.snapshot()
        placed = placed_at_once(fresh, snapshot, self._hub.now(), self._hub.rules.scheduling)
        if placed is None:
            yield fresh
            return
        self._given[key] = _Given(placed, snapshot)
        try:
            yield placed
        finally:
            del self._given[key]

    def stands(self, event: Event) -> bool:
        """Whether the event is such a creation, and no cluster has changed since the decision.

        Asked inside the event itself: a cluster that changes after it finds the binding where it is.
        """
        given = self._given.get(event.record.key)
        return given is not None and self._hub.lenses.is_current(given.snapshot) and is_write_of(event, given.binding)
