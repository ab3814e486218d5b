"""Where each binding goes. Keys are bindings; the decision is `scheduler.outcome.schedule`."""

from flotilla_common.objects import Obj
from flotilla_common.runtime.queue import KeyQueue

from ..quota.limits import QuotaExceeded
from ..scheduler.outcome import refused, schedule
from ..store.objects import Event
from ..store.port import Key
from ..strategies.serving import next_look, reads_health
from .controller import LIVE, RESYNC, Hub, all_bindings, is_binding
from .lenses import CLUSTERS
from .quota_ledger import QUOTAS

__all__ = ["SchedulerController"]


class SchedulerController:
    name = "scheduler"
    workers = 8

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub

    def notice(self, event: Event) -> None:
        if is_binding(event.record.key):
            if event.type != "DELETED" and _spec_changed(event):
                self.queue.add(event.record.key)
        elif event.record.key.resource == CLUSTERS and _placement_may_change(event):
            self._add_all(LIVE + 1)
        elif event.record.key.resource == QUOTAS and _spec_changed(event):
            self._add_all(LIVE + 1, event.record.key.namespace)

    def resync(self) -> None:
        self._add_all(RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        binding = self._hub.objects.get(key)
        if binding is None or binding["metadata"].get("deletionTimestamp"):
            return None
        profile, snapshot, now = self._hub.rules.scheduling, self._hub.lenses.snapshot(), self._hub.now()
        after = schedule(binding, snapshot, now, profile=profile)
        if after is not None:
            await self._store(key, binding, after)
        return next_look(after or binding, snapshot, now, profile)

    async def _store(self, key: Key, binding: Obj, after: Obj) -> None:
        """Raises QuotaExceeded, once the binding says so: there may be room later."""
        try:
            await self._hub.objects.update(key, after)
        except QuotaExceeded as err:
            said = refused(binding, err.reason, str(err), self._hub.now())
            if said is not None:
                await self._hub.objects.update(key, said)
            raise

    def _add_all(self, priority: int, namespace: str = "") -> None:
        for key in all_bindings(self._hub.objects, namespace):
            self.queue.add(key, priority)


def _spec_changed(event: Event) -> bool:
    """Status writes, of which there are several per binding and quota, seldom matter: where a strategy reads them."""
    if event.old is None or event.type == "DELETED":
        return True
    old, new = event.old.obj(), event.record.obj()
    if reads_health(new) and _told(old) != _told(new):
        return True
    return bool(old.get("spec") != new.get("spec") or old["metadata"].get("labels") != new["metadata"].get("labels"))


def _told(binding: Obj) -> object:
    return (binding.get("status") or {}).get("aggregatedStatus")


def _placement_may_change(event: Event) -> bool:
    """Whether what a filter or a score reads differs. The resource summary moves all the time and does not count."""
    if event.old is None or event.type == "DELETED":
        return True
    return _seen_by_filters(event.old.obj()) != _seen_by_filters(event.record.obj())


def _seen_by_filters(cluster: dict[str, object]) -> tuple[object, ...]:
    metadata, status = cluster.get("metadata") or {}, cluster.get("status") or {}
    assert isinstance(metadata, dict)
    assert isinstance(status, dict)
    return (
        cluster.get("spec"),
        metadata.get("labels"),
        metadata.get("deletionTimestamp"),
        status.get("apiEnablements"),
        [(c.get("type"), c.get("status")) for c in status.get("conditions") or ()],
    )
