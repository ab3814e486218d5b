"""Evicts what does not tolerate a cluster's NoExecute taints. Keys are bindings.

Doubly opt-in, as upstream: the gate Failover and --enable-no-execute-taint-eviction. A wave of evictions is slow on
purpose (--resource-eviction-rate): a hub that cannot see its clusters must not empty them all.
"""

import asyncio
from collections.abc import Callable

from flotilla_common.objects import Obj, meta_of
from flotilla_common.runtime.queue import KeyQueue

from ..admission.lifecycle import updated
from ..eviction.tasks import Departure, evicted
from ..eviction.untolerated import deadlines, no_execute_taints
from ..store.objects import Event
from ..store.port import Key
from .controller import LIVE, RESYNC, Hub, all_bindings, is_binding
from .lenses import CLUSTERS

__all__ = ["TaintManager"]


class TaintManager:
    """`clock`: seconds that only rise."""

    name = "taint-manager"
    workers = 1

    def __init__(self, hub: Hub, clock: Callable[[], float] | None = None) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub
        self._clock = clock or asyncio.get_running_loop().time
        self._next = 0.0
        self._is_on = hub.rules.features.enabled("Failover") and hub.rules.eviction.taint_eviction

    def notice(self, event: Event) -> None:
        if not self._is_on or event.type == "DELETED":
            return
        if is_binding(event.record.key):
            self.queue.add(event.record.key)
        elif event.record.key.resource == CLUSTERS and _taints_differ(event):
            self._add_all(LIVE)

    def resync(self) -> None:
        if self._is_on:
            self._add_all(RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        binding = self._hub.objects.get(key)
        if binding is None or meta_of(binding).get("deletionTimestamp"):
            return None
        due = sorted(deadlines(binding, self._taints(binding), self._hub.now()), key=lambda deadline: deadline.left)
        if not due:
            return None
        if due[0].left > 0:
            return due[0].left
        if (wait := self._next - self._clock()) > 0:
            return wait
        self._next = self._clock() + self._hub.rules.eviction.pause
        await self._evict(key, binding, due[0].cluster)
        return None  # its own write brings the binding back, for the next cluster

    async def _evict(self, key: Key, binding: Obj, cluster: str) -> None:
        settled = ((binding["spec"].get("failover") or {}).get("cluster") or {}).get("purgeMode")
        mode = settled or self._hub.rules.eviction.purge_mode
        leaving = Departure(cluster, "TaintUntolerated", "TaintManager", mode)
        graceful = self._hub.rules.features.enabled("GracefulEviction")
        after = evicted(binding, leaving, self._hub.now(), graceful=graceful)
        if after is not None:
            await self._hub.objects.update(key, updated(binding, after))
            said = f"Evict from cluster {cluster} succeed."
            self._hub.events.note(binding, "Normal", "EvictWorkloadFromClusterSucceed", said)

    def _taints(self, binding: Obj) -> dict[str, list[dict[str, object]]]:
        """Of its targets; most clusters have none, which the lenses know."""
        held = self._hub.lenses.clusters()
        names = {target["name"] for target in binding["spec"].get("clusters") or ()} & held.keys()
        tainted = [name for name in names if any(taint.effect == "NoExecute" for taint in held[name].taints)]
        found = {name: self._hub.objects.get(Key(CLUSTERS, "", name)) for name in tainted}
        return {name: [dict(t) for t in no_execute_taints(cluster)] for name, cluster in found.items() if cluster}

    def _add_all(self, priority: int) -> None:
        for key in all_bindings(self._hub.objects):
            self.queue.add(key, priority)


def _taints_differ(event: Event) -> bool:
    before = no_execute_taints(event.old.obj()) if event.old else []
    return before != no_execute_taints(event.record.obj())
