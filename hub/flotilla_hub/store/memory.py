"""The Store port in a dict: for tests and what-if runs, and the model the durable store is held to."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from flotilla_common.errors import Conflict, Expired

from .port import Change, Key, Listing, Stored

__all__ = ["MemoryStore", "conflict"]


class MemoryStore:
    """Keeps every change since the last compaction, so a watch can resume from any of them."""

    def __init__(self) -> None:
        self._items: dict[Key, Stored] = {}
        self._history: deque[Change] = deque()
        self._revision = 0
        self._compacted = 0
        self._changed = asyncio.Event()

    async def get(self, key: Key) -> Stored | None:
        return self._items.get(key)

    async def list(self) -> Listing:
        return Listing(tuple(self._items.values()), self._revision)

    async def write(self, key: Key, body: bytes, expected: int) -> int:
        self._expect(key, expected)
        change = self._record(key, body)
        self._items[key] = Stored(key, change.revision, body)
        return change.revision

    async def delete(self, key: Key, expected: int) -> int:
        if key not in self._items:
            raise Conflict(f"cannot delete {key}: it is already gone")
        self._expect(key, expected)
        del self._items[key]
        return self._record(key, None).revision

    async def watch(self, since: int) -> AsyncIterator[Change]:
        while True:
            if since < self._compacted or since > self._revision:
                raise Expired(
                    f"no history after revision {since}: kept are {self._compacted} to {self._revision}; list again"
                )
            for change in [c for c in self._history if c.revision > since]:
                yield change
                since = change.revision
            if since == self._revision:
                await self._changed.wait()

    async def compact(self, before: int) -> None:
        self._compacted = max(self._compacted, min(before, self._revision))
        while self._history and self._history[0].revision <= self._compacted:
            self._history.popleft()

    async def close(self) -> None:
        """Nothing is held open."""

    def _expect(self, key: Key, expected: int) -> None:
        held = self._items[key].revision if key in self._items else 0
        if held != expected:
            raise conflict(key, expected)

    def _record(self, key: Key, body: bytes | None) -> Change:
        self._revision += 1
        change = Change(key, self._revision, body)
        self._history.append(change)
        # A fresh event per write: whoever waited on the old one wakes once, whoever comes later waits for the next.
        self._changed.set()
        self._changed = asyncio.Event()
        return change


def conflict(key: Key, expected: int) -> Conflict:
    """The error of a write that came second, in the words of Kubernetes."""
    if expected == 0:
        return Conflict(f"{key} already exists", exists=True)
    return Conflict(
        f"Operation cannot be fulfilled on {key}: the object has been modified; "
        "please apply your changes to the latest version and try again"
    )
