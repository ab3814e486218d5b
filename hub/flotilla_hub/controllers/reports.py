"""What the agents say, taken in: reports on Works, reports on clusters, heartbeats. It decides nothing; it tells others."""

import logging
from collections.abc import Callable
from contextlib import aclosing

from nats.aio.msg import Msg

from flotilla_common.bus import Bus, Entry, Feed
from flotilla_common.errors import Terminal
from flotilla_common.messages import ClusterReport, Heartbeat, WorkReport
from flotilla_common.subjects import ANY, CLUSTER_REPORT, STATUS, StatusSubject, WorkSubject, heartbeat, parse_heartbeat

from ..dispatch.works import Works

__all__ = ["Reports"]

log = logging.getLogger(__name__)

OVERLAP = 5_000
"""Reports read once more after a reconnect: many times what a server that is killed can have acknowledged and lost."""


class Reports:
    """`on_cluster` and `on_heartbeat` must only note what they are told and return."""

    def __init__(
        self,
        bus: Bus,
        works: Works,
        reader: str,
        *,
        on_cluster: Callable[[ClusterReport], None],
        on_heartbeat: Callable[[Heartbeat], None],
    ) -> None:
        self._bus = bus
        self._works = works
        self._feed = Feed(bus, STATUS, consumer=f"{reader}-status", overlap=OVERLAP)
        self._on_cluster = on_cluster
        self._on_heartbeat = on_heartbeat

    async def run(self) -> None:
        await self._bus.subscribe(heartbeat(ANY), self._take_heartbeat)
        async with aclosing(self._feed.batches()) as batches:  # type: ignore[type-var]
            async for batch in batches:
                for entry in batch:
                    self._take(entry)

    def _take(self, entry: Entry) -> None:
        subject = StatusSubject.parse(entry.subject)
        try:
            if subject.work == CLUSTER_REPORT:
                report = ClusterReport.unpack(entry.data)
                if _is_about(report.cluster, subject):
                    self._on_cluster(report)
                return
            work = WorkReport.unpack(entry.data)
            if _is_about(work.cluster, subject) and work.work == subject.work:
                self._works.report(WorkSubject(*subject), work, entry.revision)
        except Terminal as err:
            log.warning("a report was not understood", extra={"subject": entry.subject, "error": str(err)})

    def _take_heartbeat(self, message: Msg) -> None:
        try:
            beat = Heartbeat.unpack(message.data)
        except Terminal as err:
            log.warning("a heartbeat was not understood", extra={"subject": message.subject, "error": str(err)})
            return
        # The subject is what the server let its sender write to; what is inside is only a claim.
        if beat.cluster == parse_heartbeat(message.subject):
            self._on_heartbeat(beat)


def _is_about(cluster: str, subject: StatusSubject) -> bool:
    if cluster != subject.cluster:
        log.error("a report speaks for another cluster", extra={"subject": str(subject), "claims": cluster})
    return cluster == subject.cluster
