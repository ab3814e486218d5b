"""All Works of all clusters: what was published, what the agents report, and the publishing of what differs.

The bodies live in NATS, one last value per Work; the hub holds a digest and the last report of each. A publish whose
digest is the one already there is not sent, so a hub that restarts and decides everything anew writes nothing.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from flotilla_common.bus import Bus, read_all
from flotilla_common.errors import Terminal
from flotilla_common.messages import WorkMessage, WorkReport
from flotilla_common.runtime.loop import together
from flotilla_common.subjects import CLUSTER_REPORT, STATUS, WORKS, StatusSubject, WorkSubject, stream_call

from ..store.writer import StreamWriter
from .entry import WorkEntry, entry_for, entry_of, headers_of, tombstone
from .index import WorkIndex
from .strays import Strays, purge

__all__ = ["Works"]


@dataclass(slots=True)
class _Sending:
    """A Work on its way, and what its agent said before NATS told us that it is stored."""

    done: asyncio.Event = field(default_factory=asyncio.Event)
    report: WorkReport | None = None


class Works:
    """Listeners are called after every publish, report and removal; they must only note it and return."""

    def __init__(self, bus: Bus, reader: str) -> None:
        self._bus = bus
        self._writer = StreamWriter(bus, WORKS)
        self.strays = Strays(bus)
        self._reader = reader
        self._index = WorkIndex()
        self._touched: set[WorkSubject] | None = None
        """What was published or forgotten while everything is read again."""
        self._listeners: list[Callable[[WorkSubject, WorkEntry], None]] = []
        self._sums = {WORKS.name: 0, STATUS.name: 0}
        self._sending: dict[WorkSubject, _Sending] = {}
        self._readings = count()
        self.published = 0
        """Messages sent since start; what a benchmark and a restart test count."""

    @property
    def revision(self) -> int:
        """Rises with every published Work and every report: the resourceVersion of Works, the same on every hub."""
        return sum(self._sums.values())  # of the two streams' sequences, which outlive a hub

    def subscribe(self, listener: Callable[[WorkSubject, WorkEntry], None]) -> None:
        self._listeners.append(listener)

    async def load(self) -> None:
        """Read all digests from NATS: after a start, and when the server may have lost its last writes.

        Until the last is read everyone sees what was known before; what is published meanwhile counts. Listeners hear
        of what differs. Raises Unavailable.
        """
        touched = self._touched = set()
        found = await self._read_all()
        await self._read_revision()
        # From here on without a pause, or what is published meanwhile would be lost.
        for subject in touched:
            found.pop(subject, None)
            if entry := self.get(subject):
                found[subject] = entry
        self._touched = None
        self._replace(found)

    async def _read_all(self) -> dict[WorkSubject, WorkEntry]:
        found: dict[WorkSubject, WorkEntry] = {}
        async for batch in read_all(self._bus, WORKS, consumer=f"{self._reader}-works", headers_only=True):
            for stored in batch:
                entry = entry_of(stored)
                found[entry.subject] = entry
                self._sums[WORKS.name] = max(self._sums[WORKS.name], stored.revision)
        return found

    async def _read_revision(self) -> None:
        """Reports up to here are read by now or will be without being news."""
        info = await self._bus.request(stream_call("INFO", STATUS))
        self._sums[STATUS.name] = max(self._sums[STATUS.name], int(info["state"]["last_seq"]))

    def _replace(self, found: Mapping[WorkSubject, WorkEntry]) -> None:
        known, self._index = self._index, WorkIndex()
        news = [entry for entry in known.all() if entry.subject not in found]
        for subject, entry in found.items():
            before = known.get(subject)
            if before is not None:
                entry.inherit(before)
            if before is not None and before.number == entry.number:
                entry.version = before.version
            else:
                entry.version = self.revision
                news.append(entry)
            self._index.put(entry)
        for entry in news:
            self._tell(entry)

    def get(self, subject: WorkSubject) -> WorkEntry | None:
        return self._index.get(subject)

    def of_cluster(self, cluster: str) -> Iterator[tuple[WorkSubject, WorkEntry]]:
        for entry in self._index.of_cluster(cluster):
            yield entry.subject, entry

    def of_origin(self, origin: str) -> list[tuple[WorkSubject, WorkEntry]]:
        """In the order of clusters."""
        return [(entry.subject, entry) for entry in self._index.of_origin(origin)]

    def count_of(self, origin: str) -> int:
        return self._index.count_of(origin)

    def clusters(self) -> list[str]:
        return self._index.clusters()

    def origins(self) -> list[str]:
        return self._index.origins()

    def held(self, cluster: str) -> tuple[int, int]:
        """What a heartbeat is compared with."""
        return self._index.held(cluster)

    def differs(self, message: WorkMessage) -> bool:
        entry = self.get(WorkSubject(message.cluster, message.name))
        return entry is None or entry.digest != message.digest()

    async def publish(self, messages: Iterable[WorkMessage], origin: str) -> Mapping[WorkSubject, Terminal]:
        """Send those that differ from what is there, all at once; return those that can never be sent, and why.

        What such a Work was before stays. Raises Unavailable when NATS does not answer; the others have been sent or
        will be when the caller tries again.
        """
        fresh = [m for m in messages if self.differs(m)]
        refused: dict[WorkSubject, Terminal] = {}
        if len(fresh) == 1:
            await self._send(fresh[0], origin, refused)
        elif fresh:
            await together(self._send(m, origin, refused) for m in fresh)
        return refused

    async def bury(self, subjects: Iterable[WorkSubject]) -> None:
        """Replace Works by tombstones: their agents remove what they applied, or let go of it, and say so."""
        living = [(s, e) for s in subjects if (e := self.get(s)) and not e.deleted]
        await together(self._bury(subject, entry) for subject, entry in living)

    async def forget(self, subject: WorkSubject) -> None:
        """Drop a Work and its report for good: its agent has removed it, or its cluster is no more.

        The report goes first: should we die in between, there is a tombstone that its agent answers once more.
        """
        entry = self.get(subject)
        if entry is None:
            return
        await purge(self._bus, STATUS, str(StatusSubject(*subject)))
        if self.get(subject) is not entry:
            return
        # Up to what we decided about: a Work published again meanwhile has a later sequence and stays.
        await purge(self._bus, WORKS, str(subject), upto=entry.revision)
        if self.get(subject) is not entry:
            return
        self._index.drop(entry)
        self._tell(entry, is_touched=True)

    async def forget_cluster(self, cluster: str) -> None:
        """Drop the cluster's own report, once its Works are gone."""
        await purge(self._bus, STATUS, str(StatusSubject(cluster, CLUSTER_REPORT)))

    async def read(self, subject: WorkSubject) -> WorkMessage | None:
        """The Work as it was sent."""
        message = await self._bus.last(WORKS, str(subject))
        return WorkMessage.unpack(message.data) if message else None

    async def read_cluster(self, cluster: str) -> dict[str, WorkMessage]:
        """All Works of one cluster as they were sent."""
        found: dict[str, WorkMessage] = {}
        # Two who list at once must not take the consumer from each other.
        reader = f"{self._reader}-read-{next(self._readings)}"
        async for batch in read_all(self._bus, WORKS, cluster, consumer=reader):
            for entry in batch:
                found[WorkSubject.parse(entry.subject).work] = WorkMessage.unpack(entry.data)
        return found

    def report(self, subject: WorkSubject, report: WorkReport, revision: int) -> None:
        """Take a report in, also on an older version of the Work: it is the last that is known of it.

        One on a Work we do not know changes nothing, nor does one we have heard before, nor the late answer to a
        tombstone that is no longer there.
        """
        self._sums[STATUS.name] = max(self._sums[STATUS.name], revision)
        if sending := self._sending.get(subject):
            sending.report = report
        entry = self.get(subject)
        if entry is None and sending is None:
            self.strays.note(subject, revision)
        if entry is not None and entry.report != report and (report.digest == entry.digest or not report.removed):
            entry.take(report, self._index.sibling(entry))
            entry.version, entry.is_new = self.revision, False
            self._tell(entry)

    async def _send(self, message: WorkMessage, origin: str, refused: dict[WorkSubject, Terminal]) -> None:
        subject = WorkSubject(message.cluster, message.name)
        while other := self._sending.get(subject):
            await other.done.wait()  # what we remember of a Work must be what NATS stored last
        sending = self._sending[subject] = _Sending()
        try:
            revision = await self._writer.publish(str(subject), message.pack(), headers=headers_of(message, origin))
        except Terminal as err:
            refused[subject] = err
            return
        finally:
            del self._sending[subject]
            sending.done.set()
        self.published += 1
        self._sums[WORKS.name] = max(self._sums[WORKS.name], revision)
        self._put(message, revision, origin, sending.report)

    async def _bury(self, subject: WorkSubject, entry: WorkEntry) -> None:
        try:
            was = await self.read(subject)
        except Terminal:
            was = None  # of a release we cannot read; its agent has its journal
        await self._send(tombstone(entry, was), entry.origin, {})

    def _put(self, message: WorkMessage, revision: int, origin: str, report: WorkReport | None) -> None:
        """`report`: what came on the message before we knew that it is stored."""
        entry = entry_for(message, revision, origin)
        entry.version, before = self.revision, self.get(entry.subject)
        if before is not None and not before.deleted:
            entry.inherit(before)
        self._index.put(entry)
        if report is not None:
            entry.take(report, self._index.sibling(entry))
        self._tell(entry, is_touched=True)

    def _tell(self, entry: WorkEntry, *, is_touched: bool = False) -> None:
        """`is_touched`: by us, and not only read or heard."""
        subject = entry.subject
        if is_touched and self._touched is not None:
            self._touched.add(subject)
        for listener in self._listeners:
            listener(subject, entry)
