"""A stream of last values as its reader wants it: everything since a revision, in order, each once, and then live.

Live entries come by plain subscription to what the server repeats after storing (`flotilla.v1.live.…`), so a thousand
idle readers cost the server nothing. What happened before, or got lost, is fetched (`fetch.read_all`). A gap shows in
the sequence headers of the next live entry; a reconnect always counts as one.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

from nats.aio.msg import Msg

from ..errors import FlotillaError, Retryable
from ..subjects import Stream
from .connection import Bus
from .fetch import Entry, read_all

__all__ = ["Feed"]

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0
"""Seconds between two tries of a catch-up, doubling; a reconnect ends the pause."""


class Feed:
    """Entries under `tokens` of `stream` after `since`.

    A reader of the whole stream (no `tokens`), where every sequence counts, notices each gap; a reader of a part only
    one in what is its own. `revision` is how far it has read.
    """

    def __init__(self, bus: Bus, stream: Stream, *tokens: str, consumer: str, since: int = 0, overlap: int = 0) -> None:
        """`overlap`: sequences read once more after each reconnect.

        A server that was killed may have lost what it acknowledged last, and gives those sequences out again: a reader
        of a stream that is not flushed on every write must look back, and bear to be told twice.
        """
        self._bus = bus
        self._overlap = overlap
        self._stream = stream
        self._tokens = tokens
        self._consumer = consumer
        self.revision = since
        self._whole = not tokens
        self._live: deque[Entry] = deque()
        self._woken = asyncio.Event()
        self._asked = asyncio.Event()
        self._behind = True
        self._rewind: int | None = None

    def catch_up(self, since: int | None = None) -> None:
        """Fetch what was missed, from `since` when given, before anything live; also in the middle of a fetch."""
        if since is not None:
            self._rewind = since if self._rewind is None else min(since, self._rewind)
        self._behind = True
        self._asked.set()
        self._woken.set()

    async def batches(self) -> AsyncIterator[list[Entry]]:
        """Lists of entries, for ever. An empty list says: caught up, from here on it is live."""
        leave = self._bus.on_reconnect(self._look_back)
        try:
            async with self._bus.listening(self._stream.live_filter(*self._tokens), self._note):
                while True:
                    if self._behind:
                        async with aclosing(self._missed()) as missed:  # type: ignore[type-var]
                            async for batch in missed:
                                yield batch
                        yield []
                    elif fresh := self._fresh():
                        yield fresh
                    elif not self._behind:  # it is when the first entry to look at showed a gap
                        self._woken.clear()
                        await self._woken.wait()
        finally:
            leave()

    async def _missed(self) -> AsyncIterator[list[Entry]]:
        """Fetch until it succeeds once without being interrupted."""
        pause = FIRST_PAUSE
        while self._behind:
            self._begin()
            newest = self._live[-1].revision if self._live else 0
            try:
                # The server must know of the subscription before the fetch begins, or an entry could fall between.
                await self._bus.flush()
                since, name = self.revision, self._consumer
                found = read_all(self._bus, self._stream, *self._tokens, consumer=name, since=since, beside_live=True)
                async with aclosing(found) as batches:  # type: ignore[type-var]
                    async for batch in batches:
                        self.revision = batch[-1].revision
                        yield batch
            except FlotillaError as err:
                await self._pause(pause, err)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                # What was live before the fetch began came with it, or has been removed from the stream since.
                self.revision = max(self.revision, newest)

    def _begin(self) -> None:
        self._behind = False
        self._asked.clear()
        if self._rewind is not None:
            self.revision, self._rewind = self._rewind, None

    async def _pause(self, seconds: float, err: FlotillaError) -> None:
        self._behind = True
        level = logging.INFO if isinstance(err, Retryable) else logging.WARNING
        log.log(level, "catch-up will be tried again", extra={"stream": self._stream.name, "error": str(err)})
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._asked.wait()

    def _look_back(self) -> None:
        """After a reconnect: what waits here was said by a server that may have lost it, the fetch has what stands."""
        self._live.clear()
        self.catch_up(max(0, self.revision - self._overlap) if self._overlap else None)

    def _fresh(self) -> list[Entry]:
        """What has arrived since; stops before a gap and has it fetched first."""
        fresh: list[Entry] = []
        while self._live:
            entry = self._live[0]
            if entry.revision > self.revision:
                before = int(entry.headers.get("Nats-Last-Sequence", 0))
                if before > self.revision or (self._whole and entry.revision != self.revision + 1):
                    self._behind = True
                    return fresh
                fresh.append(entry)
                self.revision = entry.revision
            self._live.popleft()
        return fresh

    def _note(self, message: Msg) -> None:
        headers = message.headers or {}
        subject, revision = headers.get("Nats-Subject"), headers.get("Nats-Sequence")
        # A message without these was not stored by the stream: nobody but the server can repeat on this subject, unless
        # someone was granted too much.
        if subject and revision and headers.get("Nats-Stream") == self._stream.name:
            self._live.append(Entry(subject, int(revision), message.data, headers))
            self._woken.set()
