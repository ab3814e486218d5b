"""One agent of the swarm: member.serve's twin with the real inbox, outbox and heartbeat over a stub engine."""

import asyncio
from collections.abc import Callable
from typing import cast

from nats.aio.msg import Msg

from flotilla_agent.engine.target import Target
from flotilla_agent.journal import Journal
from flotilla_agent.link.facts import report_facts
from flotilla_agent.link.heartbeat import beat
from flotilla_agent.link.inbox import Inbox
from flotilla_agent.link.outbox import Outbox
from flotilla_agent.settings import LinkSettings
from flotilla_common.bus import Bus, BusSettings, connect
from flotilla_common.subjects import control

from .engine import Applied, StubCluster, StubEngine, now
from .journal import LeanJournal
from .wire import Wire, bytes_of

__all__ = ["Agent"]


class Agent:
    """`log` is told of every write in its cluster; `delay` is what one takes, in seconds."""

    def __init__(self, cluster: str, target: StubCluster, log: Callable[[Applied], None], delay: float) -> None:
        self.cluster = cluster
        self.journal = LeanJournal()
        self.connected_at = 0.0
        """When its connection last came up."""
        self.resyncs = 0
        """How often the hub found that it does not hold what was published."""
        self._target = target
        self._log = log
        self._delay = delay
        self._bus: Bus | None = None
        self._outbox: Outbox | None = None

    @property
    def connected(self) -> bool:
        return self._bus is not None and self._bus.connected

    @property
    def reports(self) -> int:
        return self._outbox.sent if self._outbox else 0

    def wire(self) -> Wire:
        return bytes_of(self._bus) if self._bus else Wire(0, 0)

    async def run(self, settings: BusSettings, link: LinkSettings, up: Callable[[], None]) -> None:
        """Until cancelled; `up` is called once, when it is connected."""
        async with connect(settings, name=f"agent {self.cluster}") as bus:
            self._bus = bus
            self._note_connection()
            bus.on_reconnect(self._note_connection)
            up()
            await self._serve(bus, link)

    async def _serve(self, bus: Bus, link: LinkSettings) -> None:
        # The link asks of a journal and of a target only what these two have.
        journal, target = cast(Journal, self.journal), cast(Target, self._target)
        outbox = self._outbox = Outbox(bus, self.cluster)
        engine = StubEngine(self.journal, outbox.put, self._log, self._delay)
        inbox = Inbox(bus, self.cluster, journal, engine.offer)
        asked = asyncio.Event()

        def resync(message: Msg) -> None:
            if message.data == self.cluster.encode():
                self.resyncs += 1
                inbox.catch_up_fully()
                asked.set()

        async with bus.listening(control(self.cluster, "resync"), resync), asyncio.TaskGroup() as group:
            group.create_task(bus.until_closed())
            group.create_task(inbox.run())
            group.create_task(outbox.run())
            group.create_task(beat(bus, self.cluster, journal, link.heartbeat))
            group.create_task(report_facts(self.cluster, target, outbox, asked, every=link.facts_every, timeout=20.0))

    def _note_connection(self) -> None:
        self.connected_at = now()
