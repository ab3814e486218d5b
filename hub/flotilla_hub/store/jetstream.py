"""The Store port on a JetStream stream of last values: the stream's sequence is the revision.

A deletion is a message with the header `Flotilla-Op: delete`, kept until it is compacted so that a watcher that was
away sees it. The revision up to which deletions were compacted is itself a message of the stream.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import count

import orjson

from flotilla_common.bus import Bus, Entry, Feed, read_all
from flotilla_common.errors import Conflict, Expired
from flotilla_common.subjects import Stream, parse_tokens, stream_call

from .memory import conflict
from .port import Change, Key, Listing, Stored
from .writer import StreamWriter

__all__ = ["JetStreamStore"]

OPERATION = "Flotilla-Op"
_DELETED = {OPERATION: "delete"}
_COMPACTED = Key("_compacted", "", "_")
"""No resource is called that: resources hold no underscore."""


class JetStreamStore:
    """One stream; `reader` names this process's consumers and must differ between processes.

    `volatile`: the server acknowledges before it writes, so one that was killed may have lost its last writes and give
    their sequences to others. After each reconnect a watch then ends with Expired, and its reader lists again.
    """

    def __init__(self, bus: Bus, stream: Stream, reader: str, *, volatile: bool = False) -> None:
        self._bus = bus
        self._volatile = volatile
        self._stream = stream
        self._writer = StreamWriter(bus, stream)
        self._reader = reader
        self._compacted = 0
        self._readings = count()

    async def get(self, key: Key) -> Stored | None:
        revision, body = await self._last(key)
        return None if body is None else Stored(key, revision, body)

    async def list(self) -> Listing:
        head = await self._head()
        items: dict[Key, Stored] = {}
        async for batch in read_all(self._bus, self._stream, consumer=self._consumer("list")):
            for entry in batch:
                head = max(head, entry.revision)
                key = _key(self._stream, entry)
                # What is written or deleted while we read comes a second time.
                items.pop(key, None)
                if key == _COMPACTED:
                    self._compacted = int(entry.data)
                elif not _is_deletion(entry):
                    items[key] = Stored(key, entry.revision, entry.data)
        return Listing(list(items.values()), head)

    async def write(self, key: Key, body: bytes, expected: int) -> int:
        try:
            return await self._publish(key, body, expected, None)
        except Conflict:
            if expected != 0:
                raise
            # A key that was deleted still has its deletion as the last message: that is what a create replaces.
            revision, held = await self._last(key)
            if held is not None or revision == 0:
                raise
            return await self._publish(key, body, revision, None)

    async def delete(self, key: Key, expected: int) -> int:
        return await self._publish(key, b"", expected, _DELETED)

    async def watch(self, since: int) -> AsyncIterator[Change]:
        head = await self._head()
        await self._read_compacted()
        if since < self._compacted or since > head:
            raise Expired(f"no history after revision {since}: kept are {self._compacted} to {head}; list again")
        feed = Feed(self._bus, self._stream, consumer=self._consumer("watch"), since=since)
        passes = 0
        async with aclosing(feed.batches()) as batches:  # type: ignore[type-var]
            async for batch in batches:
                if not batch:
                    passes += 1
                    await self._refuse_lost_history(feed.revision, passes)
                for entry in batch:
                    key = _key(self._stream, entry)
                    if key == _COMPACTED:
                        self._compacted = int(entry.data)
                        continue
                    yield Change(key, entry.revision, None if _is_deletion(entry) else entry.data)

    async def compact(self, before: int) -> None:
        await self._publish(_COMPACTED, b"%d" % before, None, None)
        self._compacted = max(self._compacted, before)
        async for batch in read_all(self._bus, self._stream, consumer=self._consumer("compact"), headers_only=True):
            for entry in batch:
                if entry.revision <= before and _is_deletion(entry):
                    await self._purge(entry)

    async def close(self) -> None:
        """The bus is its opener's to close."""

    def _consumer(self, purpose: str) -> str:
        """A name of its own for each reading: two under one name would take it from each other."""
        return f"{self._reader}-{purpose}-{next(self._readings)}"

    async def _read_compacted(self) -> None:
        """Another hub may have compacted since."""
        _, body = await self._last(_COMPACTED)
        if body is not None:
            self._compacted = max(self._compacted, int(body))

    async def _publish(self, key: Key, body: bytes, expected: int | None, headers: dict[str, str] | None) -> int:
        subject = self._stream.subject(*key)
        try:
            return await self._writer.publish(subject, body, expected=expected, headers=headers)
        except Conflict as err:
            raise conflict(key, expected or 0) from err

    async def _last(self, key: Key) -> tuple[int, bytes | None]:
        """The revision of the last message, and its body, None for a deletion."""
        message = await self._bus.last(self._stream, self._stream.subject(*key))
        if message is None or message.headers is None:
            return 0, None
        return int(message.headers["Nats-Sequence"]), None if OPERATION in message.headers else message.data

    async def _head(self) -> int:
        info = await self._bus.request(stream_call("INFO", self._stream))
        return int(info["state"]["last_seq"])

    async def _refuse_lost_history(self, seen: int, passes: int) -> None:
        """Called each time a catch-up is done; the first is the start of the watch, any other a reconnect or a gap."""
        head = await self._head()
        if head < seen or (self._volatile and passes > 1):
            raise Expired(f"{self._stream.name} may have lost writes between {seen} and {head}; list again")

    async def _purge(self, entry: Entry) -> None:
        # Only what is still the deletion: a key written again since then has a newer sequence and stays.
        body = orjson.dumps({"filter": entry.subject, "seq": entry.revision + 1})
        await self._bus.request(stream_call("PURGE", self._stream), body)


def _key(stream: Stream, entry: Entry) -> Key:
    return Key(*parse_tokens(stream, entry.subject, 3))


def _is_deletion(entry: Entry) -> bool:
    return entry.headers.get(OPERATION) == "delete"
