"""A stream of last values as its reader wants it: everything since a revision, in order, each once, and then live.

Live entries come by plain subscription to what the server repeats after storing (`flotilla.v1.live.…`), so a thousand
idle readers cost the server nothing. What happened before, or got lost, is fetched by a consumer that lives only for
the length of the fetch. A gap shows in the sequence headers of the next live entry; a reconnect always counts as one.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

import orjson
from nats.aio.msg import Msg

from ..errors import Retryable, Unavailable
from ..subjects import Stream, consumer_call, create_call
from .connection import Bus

__all__ = ["Entry", "Feed", "read_all"]

BATCH = 500
"""Entries asked for at once in a catch-up: about half a megabyte of Works."""


class Entry(NamedTuple):
    """One stored message: `revision` is its sequence in the stream, `subject` its stored subject."""

    subject: str
    revision: int
    data: bytes
    headers: Mapping[str, str]


class Feed:
    """Entries under `tokens` of `stream` after `since`.

    `whole` says that the reader sees the whole stream, where every sequence counts; a reader of a part notices a gap
    only in what is its own.
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
        self._behind = True
        bus.on_reconnect(lambda: self.catch_up(max(0, self.revision - self._overlap)))

    def catch_up(self, since: int | None = None) -> None:
        """Fetch what was missed, from `since` when given, before anything live."""
        if since is not None:
            self.revision = since
        self._behind = True
        self._woken.set()

    async def batches(self) -> AsyncIterator[list[Entry]]:
        """Lists of entries, for ever. An empty list says: caught up, from here on it is live."""
        subscription = await self._bus.subscribe(self._stream.live_filter(*self._tokens), self._note)
        try:
            # The server must know of the subscription before the fetch begins, or an entry could fall between the two.
            await self._bus.flush()
            while True:
                if self._behind:
                    async for batch in self._missed():
                        yield batch
                    yield []
                elif fresh := self._fresh():
                    yield fresh
                else:
                    self._woken.clear()
                    await self._woken.wait()
        finally:
            if self._bus.connected:
                await subscription.unsubscribe()

    async def _missed(self) -> AsyncIterator[list[Entry]]:
        """Fetch until it succeeds once without being interrupted."""
        delay = 0.05
        while self._behind:
            self._behind = False
            try:
                async for batch in read_all(
                    self._bus, self._stream, *self._tokens, consumer=self._consumer, since=self.revision
                ):
                    self.revision = batch[-1].revision
                    yield batch
            except Retryable:
                self._behind = True
                await asyncio.sleep(delay)
                delay = min(delay * 2, 5.0)

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


async def read_all(
    bus: Bus, stream: Stream, *tokens: str, consumer: str, since: int = 0, headers_only: bool = False
) -> AsyncIterator[list[Entry]]:
    """Everything stored under `tokens` after `since`, in batches, in order; ends when there is no more.

    Raises Unavailable when the server goes away meanwhile.
    """
    arrived: deque[Msg] = deque()
    woken = asyncio.Event()

    def note(message: Msg) -> None:
        arrived.append(message)
        woken.set()

    inbox = bus.inbox()
    subscription = await bus.subscribe(inbox, note)
    try:
        left = await _create(bus, stream, tokens, consumer, since, headers_only)
        while left > 0:
            asked = min(left, BATCH)
            await bus.say(
                consumer_call("MSG.NEXT", stream, consumer, api=bus.api),
                orjson.dumps({"batch": asked, "no_wait": True}),
                reply=inbox,
            )
            batch = await _collect(arrived, woken, asked)
            if not batch:
                break
            left -= len(batch)
            yield batch
        await _delete(bus, stream, consumer)
    finally:
        if bus.connected:
            await subscription.unsubscribe()


async def _create(
    bus: Bus, stream: Stream, tokens: tuple[str, ...], consumer: str, since: int, headers_only: bool
) -> int:
    """The number of entries waiting."""
    wanted = stream.filter(*tokens)
    config: dict[str, Any] = {
        "name": consumer,
        "filter_subject": wanted,
        "ack_policy": "none",
        "deliver_policy": "by_start_sequence",
        "opt_start_seq": since + 1,
        "inactive_threshold": 30_000_000_000,  # nanoseconds; cleans up after a reader that died mid-fetch
        "mem_storage": True,
        "num_replicas": 1,
        "headers_only": headers_only,
    }
    # A leftover of the same name from an interrupted fetch has another start, which an update may not change.
    await _delete(bus, stream, consumer)
    body = orjson.dumps({"stream_name": stream.name, "config": config, "action": "create"})
    answer = await bus.request(create_call(stream, consumer, wanted, api=bus.api), body)
    return int(answer.get("num_pending", 0))


async def _delete(bus: Bus, stream: Stream, consumer: str) -> None:
    try:
        await bus.request(consumer_call("DELETE", stream, consumer, api=bus.api))
    except Unavailable:
        raise
    except Exception:  # not there: what we want
        return


async def _collect(arrived: "deque[Msg]", woken: asyncio.Event, count: int) -> list[Entry]:
    """The next `count` messages, fewer when the server says there are no more."""
    batch: list[Entry] = []
    try:
        async with asyncio.timeout(10):
            while len(batch) < count:
                while not arrived:
                    woken.clear()
                    await woken.wait()
                message = arrived.popleft()
                if not message.reply:
                    # A status line (404 no messages, 408, 409) closes the request.
                    break
                batch.append(_entry(message))
    except TimeoutError as err:
        raise Unavailable("NATS stopped sending in the middle of a catch-up") from err
    return batch


def _entry(message: Msg) -> Entry:
    # $JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer sequence>.<time>.<pending>
    return Entry(message.subject, int(message.reply.split(".")[-4]), message.data, message.headers or {})
