"""The objects the API and the controllers work with: several stores with their watch caches, read as one.

A resource lives in exactly one store (`derived` holds what can be recomputed and is not fsynced), and revisions compare
within one store only, as Kubernetes promises no more than that per resource.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext
from typing import NamedTuple

from flotilla_common.errors import Conflict, Expired, NotFound, Retryable
from flotilla_common.objects import Obj, encode

from .. import garbage
from .port import Key, Store
from .record import Event, Record
from .watch_cache import WatchCache

__all__ = ["DERIVED_RESOURCES", "Event", "Guard", "ObjectList", "Objects", "Record", "body_of"]

log = logging.getLogger(__name__)

PAUSE = 0.2
"""Seconds before a store that could not be read is asked again."""

STILL = 5.0
"""Seconds between two looks for objects to compress: what did not change from one to the next is."""
AT_ONCE = 20
"""Objects compressed before others have their turn: under half a millisecond."""
BURST = 1_000
"""Objects compressed since memory was last given back, before it is worth while again."""

DERIVED_RESOURCES = frozenset({"resourcebindings.work.karmada.io", "clusterresourcebindings.work.karmada.io", "events"})
"""Recomputed from templates and policies after a loss, so a power cut may cost their last seconds."""


Guard = Callable[[Key, Obj], AbstractContextManager[None]]
"""Entered before the write of an object, left when the cache shows it or it failed."""


class ObjectList(NamedTuple):
    items: Sequence[Record]
    revision: int


class Objects:
    """`stores` maps "objects" and "derived" to a store each; `load` fills the caches, `run` keeps them fed."""

    def __init__(self, stores: Mapping[str, Store]) -> None:
        self._stores = dict(stores)
        self._caches = {name: WatchCache() for name in stores}
        self._guards: dict[str, Guard] = {}
        self.loaded = asyncio.Event()

    async def load(self) -> None:
        """Fill the caches. Call once, before `run`."""
        for name, store in self._stores.items():
            self._caches[name].load(await store.list())
        self.loaded.set()

    async def run(self) -> None:
        """Feed every cache from its store, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._cool(), name="cool")
            for name in self._stores:
                group.create_task(self._feed(name), name=f"feed-{name}")

    def get(self, key: Key) -> Obj | None:
        record = self.record(key)
        return record.obj() if record else None

    def look(self, key: Key) -> Obj | None:
        """As `get`, but shared by all who only look at it: never changed."""
        record = self.record(key)
        return record.seen() if record else None

    def record(self, key: Key) -> Record | None:
        return self._cache(key.resource).get(key)

    def raw(self, key: Key) -> bytes | None:
        record = self.record(key)
        return record.json if record else None

    def list(self, resource: str, namespace: str = "") -> ObjectList:
        cache = self._cache(resource)
        return ObjectList(cache.list(resource, namespace), cache.revision)

    def all(self) -> Sequence[Record]:
        """Every object there is; for loops that start up."""
        return [record for cache in self._caches.values() for record in cache.records()]

    def revision(self, resource: str) -> int:
        return self._cache(resource).revision

    def subscribe(self, callback: Callable[[Event], None]) -> None:
        """`callback` runs inside the feed on every change: it must only note the key and return."""
        for cache in self._caches.values():
            cache.subscribe(callback)

    def end_watches(self) -> None:
        """The hub stops: every open watch comes to its end."""
        for cache in self._caches.values():
            cache.end_watches()

    async def compact(self, upto: Mapping[str, int]) -> dict[str, int]:
        """Forget deletions up to these revisions, by store; returns the revisions of now, for the next time."""
        for name, store in self._stores.items():
            if upto.get(name):
                await store.compact(upto[name])
        return {name: cache.revision for name, cache in self._caches.items()}

    def watch(self, resource: str, since: int | None) -> AsyncIterator[Event]:
        return self._cache(resource).watch(resource, since)

    def guard(self, resource: str, guard: Guard) -> None:
        """Whoever creates or updates an object of this resource goes through `guard`, which may raise."""
        self._guards[resource] = guard

    async def create(self, key: Key, obj: Obj) -> Obj:
        """Raises Conflict(exists=True) when the name is taken."""
        return await self._write(key, obj, 0)

    async def update(self, key: Key, obj: Obj) -> Obj:
        """Compare-and-set on `obj.metadata.resourceVersion`, or on what the cache holds when it has none.

        Raises Conflict when another write came first, NotFound when the object is gone.
        """
        given = (obj.get("metadata") or {}).get("resourceVersion")
        held = self.record(key)
        if held is None:
            raise NotFound(f"{key} not found")
        return await self._write(key, obj, _revision(given) if given else held.revision)

    async def delete(self, key: Key, expected: int | None = None) -> int:
        """Remove it for good; finalizers are the business of whoever decides to call this."""
        held = self.record(key)
        if held is None:
            raise NotFound(f"{key} not found")
        revision = await self._store(key.resource).delete(key, held.revision if expected is None else expected)
        await self._cache(key.resource).reached(revision)
        return revision

    async def _write(self, key: Key, obj: Obj, expected: int) -> Obj:
        form, guard = _stored(obj), self._guards.get(key.resource)
        body = encode(form)
        with guard(key, obj) if guard else nullcontext():
            revision = await self._store(key.resource).write(key, body, expected)
            await self._cache(key.resource).reached(revision)
        # Not decoded again: few look at it.
        return {**form, "metadata": {"resourceVersion": str(revision), **form["metadata"]}}

    async def _feed(self, name: str) -> None:
        store, cache, is_lost = self._stores[name], self._caches[name], False
        while True:
            try:
                if is_lost:
                    cache.load(await store.list())
                    is_lost = False
                async with aclosing(store.watch(cache.revision)) as changes:  # type: ignore[type-var]
                    async for change in changes:
                        cache.apply(change)
            except Expired:
                is_lost = True
            except Retryable as err:
                log.info("store cannot be read, trying again", extra={"store": name, "error": str(err)})
                await asyncio.sleep(PAUSE)

    async def _cool(self) -> None:
        """What lies still is compressed; once a burst has cooled, the room it took goes back to the system."""
        cooled = 0
        while True:
            await asyncio.sleep(STILL)
            fresh = sum([await _gone_through(cache.cool()) for cache in self._caches.values()])
            cooled += fresh
            if not fresh and cooled >= BURST:
                garbage.give_back()
                cooled = 0

    def _store(self, resource: str) -> Store:
        return self._stores[_bucket(resource)]

    def _cache(self, resource: str) -> WatchCache:
        return self._caches[_bucket(resource)]


async def _gone_through(steps: Iterator[None]) -> int:
    """How many steps there were; others have their turn in between."""
    count = 0
    for _ in steps:
        count += 1
        if count % AT_ONCE == 0:
            await asyncio.sleep(0)
    return count


def _bucket(resource: str) -> str:
    return "derived" if resource in DERIVED_RESOURCES else "objects"


def _revision(text: object) -> int:
    try:
        return int(str(text))
    except ValueError as err:
        raise Conflict(f"metadata.resourceVersion {text!r} is not one of ours; read the object again") from err


def body_of(obj: Obj) -> bytes:
    """What is stored: apiVersion, kind, metadata first, and no resourceVersion, which is the store's to give."""
    return encode(_stored(obj))


def _stored(obj: Obj) -> Obj:
    metadata = {k: v for k, v in (obj.get("metadata") or {}).items() if k != "resourceVersion"}
    rest = {k: v for k, v in obj.items() if k not in ("apiVersion", "kind", "metadata")}
    return {"apiVersion": obj.get("apiVersion"), "kind": obj.get("kind"), "metadata": metadata, **rest}
