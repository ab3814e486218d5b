"""Works as the API serves them: bodies fetched from NATS when somebody looks, status from the agents' last reports."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from itertools import takewhile
from typing import NamedTuple

from flotilla_common.errors import Conflict, Expired, NotFound
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import Obj, encode, meta_of, name_of, namespace_of
from flotilla_common.subjects import WorkSubject

from ..labels import EXECUTION_FINALIZER
from ..names import cluster_of, execution_namespace
from ..status.work import work_status
from ..store.objects import Event, ObjectList, Record
from ..store.port import Key
from ..work.render import as_object, from_object
from .entry import NO_ORIGIN, WorkEntry
from .works import Works

__all__ = ["WORKS_RESOURCE", "WorksStorage"]

WORKS_RESOURCE = "works.work.karmada.io"


TOO_OLD = "too old resource version: {}; list again"


class _Noted(NamedTuple):
    version: int
    """`Works.revision` when it happened. A removal has that of what came before it: nothing is stored for it."""
    subject: WorkSubject
    is_new: bool
    last: Record | None
    """The Work as it was, when it is gone."""


class WorksStorage:
    """A Storage (see api/storage.py) of the one resource whose objects are not in a Store."""

    def __init__(self, works: Works, now: Callable[[], str], history: int = 5_000) -> None:
        self._works = works
        self._now = now
        self._events: deque[_Noted] = deque(maxlen=history)
        self._dropped = 0
        """Events no longer kept: the number of the first one that is."""
        self._floor = works.revision
        self._changed = asyncio.Event()
        works.subscribe(self._note)

    async def get(self, key: Key) -> Record | None:
        subject = _subject(key)
        entry = self._works.get(subject) if subject else None
        if subject is None or entry is None:
            return None
        message = await self._works.read(subject)
        return self._record(subject, entry, message) if message else None

    async def list(self, resource: str, namespace: str) -> ObjectList:
        revision = self._works.revision
        clusters = [_cluster(namespace)] if namespace else sorted(self._works.clusters())
        found: list[Record] = []
        for cluster in filter(None, clusters):
            for work, message in sorted((await self._works.read_cluster(cluster)).items()):
                subject = WorkSubject(cluster, work)
                if entry := self._works.get(subject):
                    found.append(self._record(subject, entry, message))
        return ObjectList(found, revision)

    async def watch(self, resource: str, since: int | None) -> AsyncIterator[Event]:
        number = self._number_after(since)
        while True:
            if number < self._dropped:
                raise Expired(TOO_OLD.format(since))
            if number < self._dropped + len(self._events):
                noted = self._events[number - self._dropped]
                number += 1
                if event := await self._event(noted):
                    yield event
            else:
                self._changed.clear()
                await self._changed.wait()

    def revision(self, resource: str) -> int:
        return self._works.revision

    async def create(self, key: Key, obj: Obj) -> Obj:
        message = from_object(obj)
        subject = WorkSubject(message.cluster, message.name)
        held = self._works.get(subject)
        if held is not None and not held.deleted:
            raise Conflict(f"works.work.karmada.io {namespace_of(obj)}/{name_of(obj)} already exists", exists=True)
        return await self._publish(subject, message, NO_ORIGIN)

    async def update(self, key: Key, obj: Obj) -> Obj:
        message = from_object(obj)
        subject = WorkSubject(message.cluster, message.name)
        entry = self._works.get(subject)
        if entry is None:
            raise NotFound(f"{key} not found")
        given = (obj.get("metadata") or {}).get("resourceVersion")
        if given and given != str(entry.version):
            raise Conflict(f"Operation cannot be fulfilled on {key}: the object has been modified; read it again")
        if meta_of(obj).get("deletionTimestamp"):
            await self.delete(key)
            return obj
        return await self._publish(subject, message, entry.origin)

    async def delete(self, key: Key, expected: int | None = None) -> int:
        """A tombstone: the Work shows as being deleted until its agent has removed what it applied."""
        subject = _subject(key)
        entry = self._works.get(subject) if subject else None
        if subject is None or entry is None:
            raise NotFound(f"{key} not found")
        await self._works.bury([subject])
        return self._works.revision

    async def _publish(self, subject: WorkSubject, message: WorkMessage, origin: str) -> Obj:
        for refused in (await self._works.publish([message], origin)).values():
            raise refused
        entry = self._works.get(subject)
        if entry is None:
            raise NotFound(f"Work {subject.work} of cluster {subject.cluster} was removed as it was written")
        return self._record(subject, entry, message).obj()

    def _note(self, subject: WorkSubject, entry: WorkEntry) -> None:
        is_gone = self._works.get(subject) is None
        last = self._record(subject, entry, WorkMessage(*subject), self._works.revision) if is_gone else None
        if len(self._events) == self._events.maxlen:
            self._floor = self._events[0].version
            self._dropped += 1
        self._events.append(_Noted(self._works.revision, subject, entry.is_new, last))
        self._changed.set()

    async def _event(self, noted: _Noted) -> Event | None:
        if noted.last is not None:
            return Event("DELETED", noted.last, noted.last)
        record = await self.get(Key(WORKS_RESOURCE, execution_namespace(noted.subject.cluster), noted.subject.work))
        if record is None:
            return None  # gone since; its deletion follows
        return Event("ADDED" if noted.is_new else "MODIFIED", record, None if noted.is_new else record)

    def _number_after(self, since: int | None) -> int:
        """Of the first event a watch from `since` has not seen."""
        if since is None:
            return self._dropped + len(self._events)
        if since < self._floor or since > self._works.revision:
            raise Expired(TOO_OLD.format(since))
        seen = (e.version < since or (e.version == since and e.last is None) for e in self._events)
        return self._dropped + sum(takewhile(bool, seen))

    def _record(
        self, subject: WorkSubject, entry: WorkEntry, message: WorkMessage, version: int | None = None
    ) -> Record:
        namespace, revision = execution_namespace(subject.cluster), entry.version if version is None else version
        known: dict[str, object] = {
            "name": subject.work,
            "namespace": namespace,
            "resourceVersion": str(revision),
        }
        if entry.deleted:
            known |= {"deletionTimestamp": self._now(), "finalizers": [EXECUTION_FINALIZER]}
        status = work_status(entry.report, self._now(), suspended=message.suspended)
        work = as_object(message, status, known)
        return Record(Key(WORKS_RESOURCE, namespace, subject.work), revision, encode(work))


def _subject(key: Key) -> WorkSubject | None:
    cluster = _cluster(key.namespace)
    return WorkSubject(cluster, key.name) if cluster else None


def _cluster(namespace: str) -> str:
    """Empty for a namespace that holds no Works."""
    try:
        return cluster_of(namespace)
    except ValueError:
        return ""
