"""The Storage port: what the verbs need of wherever one resource's objects are kept. Most are in Objects."""

from collections.abc import AsyncIterator
from typing import Protocol

from flotilla_common.objects import Obj
from flotilla_hub.store.objects import Event, ObjectList, Objects, Record
from flotilla_hub.store.port import Key

__all__ = ["ObjectStorage", "Storage"]


class Storage(Protocol):
    """Reads raise Unavailable; writes also Conflict and NotFound. Objects carry their resourceVersion."""

    async def get(self, key: Key) -> Record | None: ...

    async def list(self, resource: str, namespace: str) -> ObjectList:
        """In key order; all namespaces when `namespace` is empty."""
        ...

    def watch(self, resource: str, since: int | None) -> AsyncIterator[Event]:
        """Raises Expired when `since` is too old."""
        ...

    def revision(self, resource: str) -> int: ...

    async def create(self, key: Key, obj: Obj) -> Obj: ...

    async def update(self, key: Key, obj: Obj) -> Obj:
        """Compare-and-set on `metadata.resourceVersion`."""
        ...

    async def delete(self, key: Key, expected: int | None = None) -> int: ...


class ObjectStorage:
    """Objects as a Storage: everything is read from the watch cache."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self.watch = objects.watch
        self.revision = objects.revision
        self.create = objects.create
        self.update = objects.update
        self.delete = objects.delete

    async def get(self, key: Key) -> Record | None:
        return self._objects.record(key)

    async def list(self, resource: str, namespace: str) -> ObjectList:
        return self._objects.list(resource, namespace)
