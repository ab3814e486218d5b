"""One reader of a watch: what waits for it, and when it has fallen too far behind."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from flotilla_common.errors import Expired

from .record import Event

__all__ = ["Watcher"]

BACKLOG = 16 * 1024 * 1024
"""Bytes of objects that may wait for one reader that does not read."""


class Watcher:
    """One reader's queue. A reader that falls too far behind is sent away to list again rather than fill the memory."""

    def __init__(self, resource: str) -> None:
        self.resource = resource
        self._queue: deque[Event] = deque()
        self._waiting = 0
        self._woken = asyncio.Event()
        self._expired = False
        self._ended = False

    def offer(self, event: Event) -> None:
        if self._expired:
            return
        self._waiting += event.record.size
        if self._waiting > BACKLOG:
            self.expire()
            return
        self._queue.append(event)
        self._woken.set()

    def end(self) -> None:
        """Nothing more is coming: the hub stops."""
        self._ended = True
        self._woken.set()

    def expire(self) -> None:
        self._expired = True
        self._queue.clear()
        self._woken.set()

    async def events(self) -> AsyncIterator[Event]:
        while True:
            while self._queue:
                event = self._queue.popleft()
                self._waiting -= event.record.size
                yield event
            if self._ended:
                return
            if self._expired:
                raise Expired("the watch fell behind or the store was reloaded; list again")
            self._woken.clear()
            await self._woken.wait()
