"""Ends the graceful evictions whose replacement is healthy or whose time is over. Keys are bindings.

With its task goes what kept the Work in the cluster: the work controller then buries it.
"""

from flotilla_common.objects import meta_of
from flotilla_common.runtime.queue import KeyQueue

from ..admission.lifecycle import updated
from ..eviction.tasks import review
from ..store.objects import Event
from ..store.port import Key
from .controller import RESYNC, Hub, all_bindings, is_binding

__all__ = ["GracefulEvictionController"]


class GracefulEvictionController:
    name = "graceful-eviction"
    workers = 2

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub

    def notice(self, event: Event) -> None:
        # Most bindings have no task, and most of their changes are told to us in a burst: look before decoding.
        if is_binding(event.record.key) and event.type != "DELETED" and b'"gracefulEvictionTasks"' in event.record.json:
            self.queue.add(event.record.key)

    def resync(self) -> None:
        for key in all_bindings(self._hub.objects):
            self.queue.add(key, RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        binding = self._hub.objects.get(key)
        if binding is None or meta_of(binding).get("deletionTimestamp"):
            return None
        after, again = review(binding, self._hub.now(), self._hub.rules.eviction.timeout)
        if after is not None:
            await self._hub.objects.update(key, updated(binding, after))
        return again
