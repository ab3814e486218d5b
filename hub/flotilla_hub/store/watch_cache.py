"""The hub's copy of one store in memory: what lists and gets are served from, and the fan-out of its changes.

Objects are kept as the JSON that goes over the wire, resourceVersion already in: a list is a join of bytes, a reader
decodes a copy of its own, and nobody can alter what is held. What lies still is compressed (`cooling.py`).
"""

import asyncio
import heapq
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from sys import intern

from flotilla_common.errors import Expired, Unavailable

from .cooling import Cooling
from .port import Change, Key, Listing, Stored
from .record import Event, Record
from .watcher import Watcher

__all__ = ["WatchCache"]

log = logging.getLogger(__name__)


HISTORY = 2 * 1024 * 1024
"""Bytes of objects kept for watches that resume: a thousand small ones, or some large ones. kube-apiserver keeps 100 of
a resource that changes rarely; who comes later than that lists again."""


class WatchCache:
    """Holds the last value of every key, and the latest events up to `history` bytes of objects.

    `apply` is called by one feeder only. Callbacks run inside it, so they must only note the key and return.
    """

    def __init__(self, history: int = HISTORY) -> None:
        self._objects: dict[str, dict[Key, Record]] = {}
        self._events: deque[Event] = deque()
        self._history = history
        self._held = 0
        self._floor = 0
        self.revision = 0
        self._callbacks: list[Callable[[Event], None]] = []
        self._watchers: set[Watcher] = set()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._tickets = 0
        self._cooling = Cooling(self.get)

    def load(self, listing: Listing) -> None:
        """Become what the list says. Nothing differs when a connection was lost and no write: then nobody is told.

        Where something differs, the store lost history: callbacks hear of each difference, and watchers are sent to
        list again, since revisions they hold may by now mean something else.
        """
        if listing.revision < self.revision:
            self._give_up(listing.revision)
        listed = {item.key: item for item in listing.items}
        events = [event for record in list(self.records()) if (event := self._unlisted(record, listing, listed))]
        events += [event for item in listing.items if (event := self._listed(item))]
        if self.revision == 0 or events or listing.revision < self.revision:
            self._events.clear()
            self._held = 0
            self._floor = listing.revision
            for watcher in self._watchers:
                watcher.expire()
        self.revision = listing.revision
        for event in events:
            self._call(event)
        self._wake()

    def apply(self, change: Change) -> None:
        if change.revision <= self.revision:
            return
        self.revision = change.revision
        event = self._store(change)
        if event is not None:
            self._publish(event)
        self._wake()

    def get(self, key: Key) -> Record | None:
        return self._objects.get(key.resource, {}).get(key)

    def list(self, resource: str, namespace: str = "") -> Sequence[Record]:
        """In key order, as Kubernetes lists do."""
        held: Iterable[Record] = self._objects.get(resource, {}).values()
        return sorted((r for r in held if not namespace or r.key.namespace == namespace), key=_key)

    def records(self) -> Iterator[Record]:
        for held in self._objects.values():
            yield from held.values()

    def end_watches(self) -> None:
        """Every watch comes to its end, as one does whose time is over: its reader may ask again elsewhere."""
        for watcher in self._watchers:
            watcher.end()

    def cool(self) -> Iterator[None]:
        """Go through it now and then, at leisure; see `Cooling.round`."""
        return self._cooling.round()

    def subscribe(self, callback: Callable[[Event], None]) -> None:
        self._callbacks.append(callback)

    async def reached(self, revision: int) -> None:
        """Return once the cache shows everything up to `revision`: what makes a writer read its own write.

        Raises Unavailable when the store has lost its last writes meanwhile, perhaps this one.
        """
        if self.revision >= revision:
            return
        future = asyncio.get_running_loop().create_future()
        self._tickets += 1
        heapq.heappush(self._waiting, (revision, self._tickets, future))
        await future

    async def watch(self, resource: str, since: int | None) -> AsyncIterator[Event]:
        """Events of one resource after `since` (None: from now), then live. Raises Expired when they are gone."""
        watcher = Watcher(resource)
        # Registered before the backlog is read and with no await between: no event falls in the gap, none comes twice.
        self._watchers.add(watcher)
        try:
            for event in self._backlog(resource, since):
                yield event
            async for event in watcher.events():
                yield event
        finally:
            self._watchers.discard(watcher)

    def _backlog(self, resource: str, since: int | None) -> Sequence[Event]:
        if since is None:
            return []
        if since < self._floor or since > self.revision:
            raise Expired(f"too old resource version: {since} ({self._floor}); list again")
        return [e for e in self._events if e.record.revision > since and e.record.key.resource == resource]

    def _listed(self, item: Stored) -> Event | None:
        held = self._objects.setdefault(item.key.resource, {})
        old = held.get(item.key)
        if old is not None and old.revision == item.revision:
            return None
        return Event("MODIFIED" if old else "ADDED", self._put(*item, old), old)

    def _unlisted(self, record: Record, listing: Listing, listed: Mapping[Key, Stored]) -> Event | None:
        if record.key in listed:
            return None
        del self._objects[record.key.resource][record.key]
        return Event("DELETED", record.deleted(listing.revision), record)

    def _store(self, change: Change) -> Event | None:
        held = self._objects.setdefault(change.key.resource, {})
        old = held.get(change.key)
        if change.body is not None:
            return Event("MODIFIED" if old else "ADDED", self._put(*change[:2], change.body, old), old)
        if old is None:
            return None
        del held[change.key]
        return Event("DELETED", old.deleted(change.revision), old)

    def _put(self, key: Key, revision: int, body: bytes, old: Record | None) -> Record:
        # Every version of an object shares one key, and all of a resource its name.
        own = old.key if old is not None else Key(intern(key.resource), intern(key.namespace), key.name)
        record = self._objects[key.resource][own] = Record.of(own, revision, body)
        self._cooling.note(record)
        return record

    def _publish(self, event: Event) -> None:
        self._events.append(event)
        self._held += event.record.size
        while self._held > self._history and len(self._events) > 1:
            oldest = self._events.popleft().record
            self._held -= oldest.size
            self._floor = oldest.revision
        self._call(event)
        for watcher in self._watchers:
            if watcher.resource == event.record.key.resource:
                watcher.offer(event)

    def _call(self, event: Event) -> None:
        """What one listener cannot read must not keep the others, nor the hub, from what follows."""
        for callback in self._callbacks:
            try:
                callback(event)
            except Exception:
                log.exception("an event was not understood", extra={"object": str(event.record.key)})

    def _give_up(self, revision: int) -> None:
        """The store went back to `revision`: what writers beyond it wait for may never come."""
        lost = [future for wanted, _, future in self._waiting if wanted > revision and not future.done()]
        for future in lost:
            future.set_exception(Unavailable("the store lost its last writes, perhaps this one too; read it again"))

    def _wake(self) -> None:
        while self._waiting and self._waiting[0][0] <= self.revision:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)


def _key(record: Record) -> Key:
    return record.key
