"""Everything stored after a revision, read once and in order by a consumer that lives no longer than that."""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, NamedTuple

import orjson
from nats.aio.msg import Msg

from ..errors import Terminal, Unavailable
from ..subjects import Stream, consumer_call, create_call
from .connection import Bus

__all__ = ["BATCH", "Entry", "read_all"]

BATCH = 500
"""Entries asked for at once: about half a megabyte of Works."""

PULL_TIMEOUT = 10.0
"""Seconds for one batch."""

TRIES = 8
"""Interruptions in a row without a single entry in between. Two agents that serve the same cluster by mistake take the
consumer from each other, and both get through; eight times in vain is something else."""


class Entry(NamedTuple):
    """One stored message: `revision` is its sequence in the stream, `subject` its stored subject."""

    subject: str
    revision: int
    data: bytes
    headers: Mapping[str, str]


async def read_all(
    bus: Bus,
    stream: Stream,
    *tokens: str,
    consumer: str,
    since: int = 0,
    headers_only: bool = False,
    beside_live: bool = False,
) -> AsyncIterator[list[Entry]]:
    """Everything stored under `tokens` after `since`, in batches, in order; ends when there is no more.

    Of a subject that is written meanwhile both values may come. `beside_live`: the caller has listened live since
    before, and hears of what is written meanwhile: it ends with as many entries as waited at first, however busy the
    writers are. For anybody else that could leave out a subject which was written over. Raises Unavailable when the
    server goes away, or the reading is interrupted again and again.
    """
    in_vain = 0
    while in_vain < TRIES:
        fetch = _Fetch(bus, stream, tokens, consumer, since, headers_only, beside_live)
        async with aclosing(fetch.batches()) as batches:  # type: ignore[type-var]
            async for batch in batches:
                since, in_vain = batch[-1].revision, -1
                yield batch
        if fetch.left == 0:
            return
        in_vain += 1
        await asyncio.sleep(random.uniform(0, 0.02) * in_vain)
    raise Unavailable(
        f"reading {stream.name} as consumer {consumer} keeps being interrupted; "
        "another process under the same name would do that: see that one agent only serves the cluster"
    )


class _Fetch:
    """The life of one consumer. `left` is 0 once everything was read."""

    def __init__(
        self,
        bus: Bus,
        stream: Stream,
        tokens: tuple[str, ...],
        consumer: str,
        since: int,
        headers_only: bool,
        beside_live: bool,
    ) -> None:
        self._bus, self._stream, self._consumer = bus, stream, consumer
        self._filter = stream.filter(*tokens)
        self._since, self._headers_only, self._beside_live = since, headers_only, beside_live
        self._arrived: deque[Msg] = deque()
        self._woken = asyncio.Event()
        self._is_cut = False
        self._read = 0
        self._total = 0
        """Entries that waited when the consumer was made."""
        self.left = -1

    async def batches(self) -> AsyncIterator[list[Entry]]:
        inbox = self._bus.inbox()
        leave = self._bus.on_reconnect(self._cut)
        try:
            async with self._bus.listening(inbox, self._note):
                self.left = self._total = await self._create()
                while self.left > 0 and (batch := await self._pull(inbox)):
                    yield batch
                if self.left == 0:
                    await self._delete()
        finally:
            leave()

    def _note(self, message: Msg) -> None:
        self._arrived.append(message)
        self._woken.set()

    def _cut(self) -> None:
        """What was asked for before a reconnect may never be answered."""
        self._is_cut = True
        self._woken.set()

    async def _create(self) -> int:
        """The number of entries waiting."""
        config: dict[str, Any] = {
            "name": self._consumer,
            "filter_subject": self._filter,
            "ack_policy": "none",
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": self._since + 1,
            "inactive_threshold": 30_000_000_000,  # nanoseconds; cleans up after a reader that died mid-fetch
            "mem_storage": True,
            "num_replicas": 1,
            "headers_only": self._headers_only,
        }
        # A leftover of the same name from an interrupted fetch has another start, which an update may not change.
        await self._delete()
        body = orjson.dumps({"stream_name": self._stream.name, "config": config, "action": "create"})
        call = create_call(self._stream, self._consumer, self._filter, api=self._bus.api)
        return int((await self._bus.request(call, body)).get("num_pending", 0))

    async def _delete(self) -> None:
        try:
            await self._bus.request(consumer_call("DELETE", self._stream, self._consumer, api=self._bus.api))
        except Terminal:  # not there: what we want
            return

    async def _pull(self, inbox: str) -> list[Entry]:
        """The next entries; none when the server has no more for us under this name."""
        asked = min(self.left, BATCH)
        call = consumer_call("MSG.NEXT", self._stream, self._consumer, api=self._bus.api)
        await self._bus.say(call, orjson.dumps({"batch": asked, "no_wait": True}), reply=inbox)
        batch: list[Entry] = []
        try:
            async with asyncio.timeout(PULL_TIMEOUT):
                while len(batch) < asked and self.left > 0 and (entry := self._take(await self._next())):
                    batch.append(entry)
        except TimeoutError as err:
            raise Unavailable("NATS stopped sending in the middle of a catch-up") from err
        return batch

    async def _next(self) -> Msg:
        while not self._arrived:
            if self._is_cut:
                raise Unavailable("the connection was lost in the middle of a catch-up")
            self._woken.clear()
            await self._woken.wait()
        return self._arrived.popleft()

    def _take(self, message: Msg) -> Entry | None:
        """None for a status line (404 no messages, 409 consumer deleted), which closes the request.

        None also where the consumer's own count does not go on: it is another reader's consumer, made under our name
        after ours, and started elsewhere.
        """
        if not message.reply:
            return None
        revision, position, left = _place(message.reply)
        if position != self._read + 1:
            return None
        self._read, self.left = position, min(left, self._total - position) if self._beside_live else left
        return Entry(message.subject, revision, message.data, message.headers or {})


def _place(reply: str) -> tuple[int, int, int]:
    """Sequence in the stream, count in the consumer, and how many are left, of a delivered message.

    $JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer sequence>.<time>.<pending>; servers with a
    domain put two more tokens behind ACK.
    """
    parts = reply.split(".")
    numbers = parts[5:] if len(parts) < 11 else parts[7:]
    return int(numbers[0]), int(numbers[1]), int(numbers[3])
