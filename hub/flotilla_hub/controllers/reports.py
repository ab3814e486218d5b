"""What the agents say: reports on Works and on clusters, and heartbeats. It decides nothing, it tells others."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing

from nats.aio.msg import Msg

from flotilla_common.bus import Bus, Entry, Feed
from flotilla_common.errors import Terminal
from flotilla_common.messages import ClusterReport, Heartbeat, WorkReport
from flotilla_common.objects import decode
from flotilla_common.subjects import ANY, CLUSTER_REPORT, STATUS, StatusSubject, WorkSubject, heartbeat, parse_heartbeat

from ..dispatch.works import Works

__all__ = ["Reports"]

log = logging.getLogger(__name__)

OVERLAP = 500
"""Reports read once more after a reconnect: many times what a server that is killed can have acknowledged and lost."""


class Reports:
    """`on_cluster(report, is_live)` and `on_heartbeat` must only note what they are told and return.

    A report that is not live was stored before this hub started: true then, and no sign of life now.
    """

    def __init__(
        self,
        bus: Bus,
        works: Works,
        reader: str,
        *,
        on_cluster: Callable[[ClusterReport, bool], None],
        on_heartbeat: Callable[[Heartbeat], None],
    ) -> None:
        self._bus = bus
        self._works = works
        self._feed = Feed(bus, STATUS, consumer=f"{reader}-status", overlap=OVERLAP)
        self._on_cluster = on_cluster
        self._on_heartbeat = on_heartbeat
        self.caught_up = asyncio.Event()

    async def run(self) -> None:
        async with (
            self._bus.listening(heartbeat(ANY), self._take_heartbeat),
            aclosing(self._feed.batches()) as batches,  # type: ignore[type-var]
        ):
            async for batch in batches:
                for entry in batch:
                    self._take(entry)
                if not batch:
                    self.caught_up.set()

    def _take(self, entry: Entry) -> None:
        try:
            subject = StatusSubject.parse(entry.subject)
            if subject.work == CLUSTER_REPORT:
                self._on_cluster(_cluster_report(subject, entry.data), self.caught_up.is_set())
            else:
                self._works.report(WorkSubject(*subject), _work_report(subject, entry.data), entry.revision)
        except (Terminal, ValueError) as err:
            # One agent may say what it likes under its own subjects; it must not stop the hub for all others.
            log.warning("a report was not understood", extra={"subject": entry.subject, "error": str(err)})

    def _take_heartbeat(self, message: Msg) -> None:
        try:
            beat = Heartbeat.unpack(message.data)
            cluster = parse_heartbeat(message.subject)
        except (Terminal, ValueError) as err:
            log.warning("a heartbeat was not understood", extra={"subject": message.subject, "error": str(err)})
            return
        # The subject is what the server let its sender write to; what is inside is only a claim.
        if beat.cluster == cluster:
            self._on_heartbeat(beat)


def _cluster_report(subject: StatusSubject, data: bytes) -> ClusterReport:
    """Raises Terminal and ValueError for one that nobody may store, or that holds no status."""
    report = ClusterReport.unpack(data)
    if report.cluster != subject.cluster:
        raise Terminal(f"it speaks for cluster {report.cluster}")
    if not isinstance(decode(report.status), dict):
        raise Terminal("its status is no object")
    return report


def _work_report(subject: StatusSubject, data: bytes) -> WorkReport:
    """Raises Terminal and ValueError."""
    report = WorkReport.unpack(data)
    if (report.cluster, report.work) != subject:
        raise Terminal(f"it speaks for Work {report.work} of cluster {report.cluster}")
    for told in report.objects:
        if told.status:
            decode(told.status)
    return report
