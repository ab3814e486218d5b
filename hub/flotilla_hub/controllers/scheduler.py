"""Where each binding goes. Keys are bindings; the decision is `scheduler.outcome.schedule`."""

from flotilla_common.objects import Obj
from flotilla_common.runtime.queue import KeyQueue

from ..quota.limits import QuotaExceeded
from ..scheduler.outcome import refused, schedule
from ..store.objects import Event
from ..store.port import Key
from ..strategies.serving import next_look, reads_health
from .changes import cluster_change, placement_may_change, seen, spec_changed
from .controller import LIVE, RESYNC, Hub, all_bindings, is_binding
from .gather import Gathered
from .lenses import CLUSTERS
from .quota_ledger import QUOTAS
from .settled import Settled

__all__ = ["SchedulerController"]

_AT_ONCE, _MOST = 10_000, 1.0
"""Clusters a second that may join without waiting for each other, and the longest such wait in seconds."""


class SchedulerController:
    name = "scheduler"
    workers = 8

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub
        self._settled = Settled(hub.rules.scheduling)
        self._touched = Gathered[Key](self._look_again, self._pause)

    def notice(self, event: Event) -> None:
        key = event.record.key
        if is_binding(key):
            self._notice_binding(key, event)
        elif key.resource == CLUSTERS and placement_may_change(event):
            self._touched.add(self._settled.moved_by(cluster_change(event)))
        elif key.resource == QUOTAS and (event.type == "DELETED" or spec_changed(event)):
            self._add_all(LIVE + 1, key.namespace)

    def resync(self) -> None:
        self._add_all(RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        binding = self._hub.objects.get(key)
        if binding is None or binding["metadata"].get("deletionTimestamp"):
            self._settled.forget(key)
            return None
        profile, snapshot, now = self._hub.rules.scheduling, self._hub.lenses.snapshot(), self._hub.now()
        after = schedule(binding, snapshot, now, profile=profile)
        if after is not None:
            await self._store(key, binding, after)
        self._settled.note(key, after or binding)
        if not self._hub.lenses.is_current(snapshot):
            # What changed while we wrote was weighed against what the binding was before.
            self._touched.add((key,))
        return next_look(after or binding, snapshot, now, profile)

    async def _store(self, key: Key, binding: Obj, after: Obj) -> None:
        """Raises QuotaExceeded, once the binding says so: there may be room later."""
        try:
            await self._hub.objects.update(key, after)
        except QuotaExceeded as err:
            said = refused(binding, err.reason, str(err), self._hub.now())
            if said is not None:
                await self._hub.objects.update(key, said)
            self._settled.note(key, said or binding)
            raise

    def _notice_binding(self, key: Key, event: Event) -> None:
        if event.type == "DELETED":
            self._settled.forget(key)
        elif spec_changed(event) or _is_told_what_moves_it(event):
            self.queue.add(key)

    def _look_again(self, key: Key) -> None:
        self.queue.add(key, LIVE + 1)

    def _pause(self) -> float:
        """What goes everywhere takes longer to write the more clusters there are, and each that joins asks for it."""
        return min(_MOST, len(self._hub.lenses.clusters()) / _AT_ONCE)

    def _add_all(self, priority: int, namespace: str = "") -> None:
        for key in all_bindings(self._hub.objects, namespace):
            self.queue.add(key, priority)


def _is_told_what_moves_it(event: Event) -> bool:
    """Status writes, of which there are several per binding, seldom matter: where a strategy reads them."""
    new = seen(event.record)
    return event.old is not None and reads_health(new) and _told(seen(event.old)) != _told(new)


def _told(binding: Obj) -> object:
    return (binding.get("status") or {}).get("aggregatedStatus")
