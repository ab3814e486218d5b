"""Moves an application away from clusters in which it stays unhealthy (`failover.application`). Keys are bindings.

Since when it is unhealthy is kept in memory only, as upstream: a hub that starts gives it the whole time once more.
"""

import asyncio
from collections.abc import Callable

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj, meta_of
from flotilla_common.runtime.queue import KeyQueue

from ..admission.lifecycle import updated
from ..eviction.tasks import evicted
from ..eviction.unhealthy import departure, tolerated, unhealthy_in
from ..store.objects import Event
from ..store.port import Key
from .controller import RESYNC, Hub, all_bindings, is_binding

__all__ = ["ApplicationFailoverController"]


class ApplicationFailoverController:
    """`clock`: seconds that only rise. Does nothing unless the gate Failover is on."""

    name = "application-failover"
    workers = 1

    def __init__(self, hub: Hub, clock: Callable[[], float] | None = None) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub
        self._clock = clock or asyncio.get_running_loop().time
        self._is_on = hub.rules.features.enabled("Failover")
        self._since: dict[Key, dict[str, float]] = {}

    def notice(self, event: Event) -> None:
        if self._is_on and is_binding(event.record.key):
            self.queue.add(event.record.key)

    def resync(self) -> None:
        for key in all_bindings(self._hub.objects) if self._is_on else ():
            self.queue.add(key, RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        binding = self._hub.objects.get(key)
        unhealthy = unhealthy_in(binding) if binding and not meta_of(binding).get("deletionTimestamp") else frozenset()
        held, now = self._since.pop(key, {}), self._clock()
        since = {cluster: held.get(cluster, now) for cluster in unhealthy}
        if binding is None or not since:
            return None
        self._since[key] = since
        ends = {cluster: then + tolerated(binding) - now for cluster, then in since.items()}
        for cluster in sorted((name for name, left in ends.items() if left <= 0), key=lambda name: (ends[name], name)):
            if await self._evict(key, binding, cluster):
                return None  # its own write brings the binding back, for the next cluster
        return min((left for left in ends.values() if left > 0), default=None)

    async def _evict(self, key: Key, binding: Obj, cluster: str) -> bool:
        """Whether it was; what cannot be evicted from one cluster must not keep it in another."""
        features = self._hub.rules.features
        try:
            leaving = departure(binding, cluster, keep_state=features.enabled("StatefulFailoverInjection"))
        except Terminal as err:
            self._hub.events.note(binding, "Warning", "EvictWorkloadFromClusterFailed", str(err))
            return False
        graceful = features.enabled("GracefulEviction")
        after = evicted(binding, leaving, self._hub.now(), graceful=graceful)
        if after is not None:
            await self._hub.objects.update(key, updated(binding, after))
            said = f"Evict from cluster {cluster} succeed."
            self._hub.events.note(binding, "Normal", "EvictWorkloadFromClusterSucceed", said)
        return after is not None
