"""A WorkloadRebalancer has its workloads placed anew, and goes when it is done and its time is up. Keys are names."""

from flotilla_common.errors import NotFound
from flotilla_common.objects import Obj, meta_of
from flotilla_common.runtime.loop import together
from flotilla_common.runtime.queue import KeyQueue

from ..status.rebalancer import Workload, asked_anew, concluded, pending, seconds_left
from ..store.objects import Event
from ..store.port import Key
from .controller import RESYNC, Hub, binding_key_of, start_removal

__all__ = ["RebalancerController"]

REBALANCERS = "workloadrebalancers.apps.karmada.io"


class RebalancerController:
    name = "rebalancer"
    workers = 2

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[str] = KeyQueue()
        self._hub = hub

    def notice(self, event: Event) -> None:
        """Our own status writes must not wake us again."""
        if event.record.key.resource != REBALANCERS or event.type == "DELETED":
            return
        if event.old is None or event.old.obj().get("spec") != event.record.obj().get("spec"):
            self.queue.add(event.record.key.name)

    def resync(self) -> None:
        for record in self._hub.objects.list(REBALANCERS).items:
            self.queue.add(record.key.name, RESYNC)

    async def reconcile(self, key: str) -> float | None:
        at = Key(REBALANCERS, "", key)
        rebalancer = self._hub.objects.get(at)
        if rebalancer is None or meta_of(rebalancer).get("deletionTimestamp"):
            return None
        found: dict[Workload, bool] = {}
        await together(self._ask(workload, rebalancer, found) for workload in pending(rebalancer))
        after = concluded(rebalancer, found, self._hub.now())
        if after is not None:
            rebalancer = await self._hub.objects.update(at, after)
        left = seconds_left(rebalancer, self._hub.now())
        if left is not None and left <= 0:
            await start_removal(self._hub, at, rebalancer)
            return None
        return left

    async def _ask(self, workload: Workload, rebalancer: Obj, found: dict[Workload, bool]) -> None:
        _, kind, namespace, name = workload
        key = binding_key_of(Key("", namespace, name), kind)
        binding = self._hub.objects.get(key)
        after = asked_anew(binding, rebalancer) if binding is not None else None
        try:
            if after is not None:
                await self._hub.objects.update(key, after)
            found[workload] = binding is not None
        except NotFound:
            found[workload] = False
