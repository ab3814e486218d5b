"""All Works of all clusters: what was published, what the agents report, and the publishing of what differs.

The bodies live in NATS, one last value per Work; the hub holds a digest and the last report of each. A publish whose
digest is the one already there is not sent, so a hub that restarts and decides everything anew writes nothing.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

import orjson

from flotilla_common.bus import Bus, read_all
from flotilla_common.errors import Terminal
from flotilla_common.messages import WorkMessage, WorkReport, fold
from flotilla_common.runtime.loop import together
from flotilla_common.subjects import CLUSTER_REPORT, STATUS, WORKS, StatusSubject, Stream, WorkSubject, stream_call

from .entry import WorkEntry, entry_of, headers_of, tombstone

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
        self._reader = reader
        self._clusters: dict[str, dict[str, WorkEntry]] = {}
        self._origins: dict[str, set[WorkSubject]] = {}
        self._folds: dict[str, int] = {}
        self._touched: set[WorkSubject] = set()
        self._listeners: list[Callable[[WorkSubject, WorkEntry], None]] = []
        self._sums = {WORKS.name: 0, STATUS.name: 0}
        self._sending: dict[WorkSubject, _Sending] = {}
        self._readings = count()
        self.published = 0
        """Messages sent since start; what a benchmark and a restart test count."""

    @property
    def revision(self) -> int:
        """Rises with every published Work and every report: the resourceVersion of Works.

        It is the sum of the two streams' sequences, so it is the same on every hub and after a restart.
        """
        return sum(self._sums.values())

    def subscribe(self, listener: Callable[[WorkSubject, WorkEntry], None]) -> None:
        self._listeners.append(listener)

    async def load(self) -> None:
        """Read all digests from NATS: after a start, and when the server may have lost its last writes.

        Until the last is read everyone sees what was known before; what is published meanwhile counts. Listeners hear
        of what differs. Raises Unavailable.
        """
        found: dict[WorkSubject, WorkEntry] = {}
        self._touched = set()
        async for batch in read_all(self._bus, WORKS, consumer=f"{self._reader}-works", headers_only=True):
            for stored in batch:
                found[WorkSubject.parse(stored.subject)] = entry_of(stored)
                self._sums[WORKS.name] = max(self._sums[WORKS.name], stored.revision)
        await self._read_revision()
        # From here on without a pause, or what is published meanwhile would be lost.
        known = {subject: entry for cluster in self._clusters for subject, entry in self.of_cluster(cluster)}
        for subject in self._touched:
            found.pop(subject, None)
            if subject in known:
                found[subject] = known[subject]
        self._replace(known, found)

    async def _read_revision(self) -> None:
        """Reports up to here are read by now or will be without being news."""
        state = (await self._bus.request(stream_call("INFO", STATUS)))["state"]
        self._sums[STATUS.name] = max(self._sums[STATUS.name], int(state["last_seq"]))

    def _replace(self, known: Mapping[WorkSubject, WorkEntry], found: Mapping[WorkSubject, WorkEntry]) -> None:
        self._clusters, self._origins, self._folds = {}, {}, {}
        for subject, entry in found.items():
            before = known.get(subject)
            if before is not None and before.digest == entry.digest:
                entry.report, entry.version = before.report, before.version
            else:
                entry.report, entry.version = before.report if before else None, self.revision
            self._put(subject, entry)
        self._touched = set()
        for subject in known.keys() | found.keys():
            before, after = known.get(subject), found.get(subject)
            if before is None or after is None or before.digest != after.digest:
                self._tell(subject, after or known[subject])

    def get(self, subject: WorkSubject) -> WorkEntry | None:
        return self._clusters.get(subject.cluster, {}).get(subject.work)

    def of_cluster(self, cluster: str) -> Iterator[tuple[WorkSubject, WorkEntry]]:
        for work, entry in self._clusters.get(cluster, {}).items():
            yield WorkSubject(cluster, work), entry

    def of_origin(self, origin: str) -> list[tuple[WorkSubject, WorkEntry]]:
        return [(subject, entry) for subject in sorted(self._origins.get(origin, ())) if (entry := self.get(subject))]

    def clusters(self) -> list[str]:
        return list(self._clusters)

    def origins(self) -> list[str]:
        return list(self._origins)

    def held(self, cluster: str) -> tuple[int, int]:
        """How many Works the cluster must hold, and their folded digests: what a heartbeat is compared with."""
        return len(self._clusters.get(cluster, {})), self._folds.get(cluster, 0)

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
        await self._purge(STATUS, str(StatusSubject(*subject)))
        if self.get(subject) is not entry:
            return
        # Up to what we decided about: a Work published again meanwhile has a later sequence and stays.
        await self._purge(WORKS, str(subject), upto=entry.revision)
        if self.get(subject) is not entry:
            return
        del self._clusters[subject.cluster][subject.work]
        self._touched.add(subject)
        self._folds[subject.cluster] ^= fold(subject.work, entry.digest)
        self._leave_origin(subject, entry.origin)
        self._tell(subject, entry)

    async def forget_cluster(self, cluster: str) -> None:
        """Drop the cluster's own report, once its Works are gone."""
        await self._purge(STATUS, str(StatusSubject(cluster, CLUSTER_REPORT)))

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
        if entry is not None and entry.report != report and (report.digest == entry.digest or not report.removed):
            entry.report, entry.version = report, self.revision
            self._tell(subject, entry)

    async def _send(self, message: WorkMessage, origin: str, refused: dict[WorkSubject, Terminal]) -> None:
        subject = WorkSubject(message.cluster, message.name)
        while other := self._sending.get(subject):
            await other.done.wait()  # what we remember of a Work must be what NATS stored last
        sending = self._sending[subject] = _Sending()
        try:
            revision = await self._bus.publish(str(subject), message.pack(), headers=headers_of(message, origin))
        except Terminal as err:
            refused[subject] = err
            return
        finally:
            del self._sending[subject]
            sending.done.set()
        self.published += 1
        self._sums[WORKS.name] = max(self._sums[WORKS.name], revision)
        before = self.get(subject)
        report = sending.report or (before.report if before and not before.deleted else None)
        entry = WorkEntry(message.digest(), revision, origin, message.deleted, message.preserve, report, self.revision)
        self._put(subject, entry)
        self._tell(subject, entry)

    async def _bury(self, subject: WorkSubject, entry: WorkEntry) -> None:
        try:
            was = await self.read(subject)
        except Terminal:
            was = None  # of a release we cannot read; its agent has its journal
        await self._send(tombstone(subject, entry, was), entry.origin, {})

    async def _purge(self, stream: Stream, subject: str, *, upto: int | None = None) -> None:
        body = {"filter": subject, **({"seq": upto + 1} if upto is not None else {})}
        await self._bus.request(stream_call("PURGE", stream), orjson.dumps(body))

    def _put(self, subject: WorkSubject, entry: WorkEntry) -> None:
        held = self._clusters.setdefault(subject.cluster, {})
        before = held.get(subject.work)
        if before is not None:
            self._folds[subject.cluster] ^= fold(subject.work, before.digest)
            self._leave_origin(subject, before.origin)
        held[subject.work] = entry
        self._touched.add(subject)
        self._folds[subject.cluster] = self._folds.get(subject.cluster, 0) ^ fold(subject.work, entry.digest)
        self._origins.setdefault(entry.origin, set()).add(subject)

    def _leave_origin(self, subject: WorkSubject, origin: str) -> None:
        works = self._origins.get(origin, set())
        works.discard(subject)
        if not works:
            self._origins.pop(origin, None)

    def _tell(self, subject: WorkSubject, entry: WorkEntry) -> None:
        for listener in self._listeners:
            listener(subject, entry)
