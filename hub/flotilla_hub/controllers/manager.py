"""All controllers of one hub: made, told of every event, and run until the hub stops."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from flotilla_common.bus import Bus
from flotilla_common.errors import Retryable
from flotilla_common.node_grades import GradesMessage
from flotilla_common.runtime.loop import run_controller
from flotilla_common.subjects import control

from .aggregate import AggregateController
from .application_failover import ApplicationFailoverController
from .clusters import ClusterController
from .controller import BINDINGS, Controller, Hub
from .dependencies import DependencyController
from .detector import DetectorController
from .estimates import Estimates
from .events import forget_old, write_events
from .gc import GarbageController
from .graceful_eviction import GracefulEvictionController
from .namespaces import NamespaceController
from .policies import PolicyController
from .quota_ledger import QuotaLedger
from .quotas import QuotaController
from .rebalancer import RebalancerController
from .removals import RemovalController
from .reports import Reports
from .scheduler import SchedulerController
from .taint_manager import TaintManager
from .taint_policies import TaintPolicyController
from .works import WorkController

__all__ = ["Manager"]

COMPACT_EVERY = 600.0
"""Seconds for which a deletion is kept at least, and between two looks for outdated Events."""

log = logging.getLogger(__name__)


class Manager:
    """Create it when the objects and Works are loaded; nothing happens before `run`."""

    def __init__(self, hub: Hub, bus: Bus, *, grace: float, reader: str) -> None:
        self._hub = hub
        self._bus = bus
        estimating = hub.rules.estimating
        self._estimates = Estimates(bus, estimating) if estimating else None
        clusters = ClusterController(hub, grace, self._ask_for_resync, self._teach_grades)
        scheduler = SchedulerController(hub, self._estimates)
        works, aggregates = WorkController(hub), AggregateController(hub)
        removals, quotas = RemovalController(hub), QuotaController(hub, _ledger(hub))
        self._controllers: tuple[Controller[Any], ...] = (
            DetectorController(hub, scheduler.first_place),
            DependencyController(hub),
            scheduler,
            works,
            aggregates,
            clusters,
            removals,
            NamespaceController(hub),
            PolicyController(hub),
            quotas,
            RebalancerController(hub),
            GarbageController(hub),
            TaintPolicyController(hub),
            TaintManager(hub),
            ApplicationFailoverController(hub),
            GracefulEvictionController(hub),
        )
        self._reports = Reports(
            bus, hub.works, reader, on_cluster=clusters.note_report, on_heartbeat=clusters.note_heartbeat
        )
        self.caught_up = self._reports.caught_up
        """Set when all there was to know at the start is known."""
        self._lost = asyncio.Event()
        for controller in self._controllers:
            hub.objects.subscribe(controller.notice)
        for listener in (works, aggregates, clusters, removals, quotas):
            hub.works.subscribe(listener.notice_work)
        bus.on_reconnect(self._lost.set)

    async def run(self) -> None:
        """For ever. After a start everything is looked at once, behind whatever users do meanwhile."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._reports.run(), name="reports")
            group.create_task(self._recover(), name="recover")
            group.create_task(self._compact(), name="compact")
            group.create_task(write_events(self._hub.events, self._hub.objects, self._hub.now), name="events")
            if self._estimates is not None:
                group.create_task(self._estimates.run(), name="estimates")
            # Half of the reports would make a status that was never true.
            await self.caught_up.wait()
            for controller in self._controllers:
                controller.resync()
                run = run_controller(
                    controller.name, controller.queue, controller.reconcile, workers=controller.workers
                )
                group.create_task(run, name=controller.name)

    async def _recover(self) -> None:
        """After each reconnect: the server may have lost its last writes, so all is read and decided once more."""
        while True:
            await self._lost.wait()
            self._lost.clear()
            await _until_it_works(self._hub.works.load)
            for controller in self._controllers:
                controller.resync()

    async def _compact(self) -> None:
        """Deletions are kept long enough for a watcher to come back, and not for ever; Events an hour; strays not."""
        known: dict[str, int] = {}
        while True:
            try:
                known = await self._hub.objects.compact(known)
                await forget_old(self._hub.objects, self._hub.now())
                await self._hub.works.strays.purge()
            except Retryable:
                log.debug("compaction waits for NATS")
            await asyncio.sleep(COMPACT_EVERY)

    async def _teach_grades(self, grades: GradesMessage) -> None:
        await self._bus.say(control(grades.cluster, "grades"), grades.pack())

    async def _ask_for_resync(self, cluster: str) -> None:
        await self._bus.say(control(cluster, "resync"), cluster.encode())


def _ledger(hub: Hub) -> QuotaLedger | None:
    if not hub.rules.features.enabled("FederatedQuotaEnforcement"):
        return None
    ledger = QuotaLedger(hub.objects, hub.rules.features)
    hub.objects.guard(BINDINGS, ledger.charging)
    return ledger


async def _until_it_works(call: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await call()
        except Retryable:
            await asyncio.sleep(0.2)
        else:
            return
