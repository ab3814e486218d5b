"""Writes to one stream: each alone, or, when many wait, many in one atomic batch of the server's.

The server flushes the disk before it acknowledges, and does so once for a batch (docs/adr/0017-batched-writes.md). What
a write means does not change: each has its own compare-and-set, its own revision and its own error.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from flotilla_common.bus import EXPECTED, Bus
from flotilla_common.errors import FlotillaError, Unavailable
from flotilla_common.subjects import Stream, stream_call

__all__ = ["FEW", "LEAST", "StreamWriter"]

FEW = 16
"""Writes that fly alone side by side: so many hide the way to the server and back."""
LEAST, MOST = 32, 256
"""Writes in a batch. A batch has six flushes of its own, so a small one costs more than its writes alone; from 256 on
nothing more is gained. The server takes a thousand."""
LARGEST = 64 * 1024
"""Bytes of a body that goes with others: the server writes it twice. A large one gains nothing by company."""
BATCH, PLACE, COMMIT = "Nats-Batch-Id", "Nats-Batch-Sequence", "Nats-Batch-Commit"


@dataclass(eq=False, slots=True)
class _Write:
    subject: str
    data: bytes
    headers: dict[str, str]
    turn: "asyncio.Future[int | None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    """Its revision once it is stored with others; None when it is to go alone."""

    def settle(self, revision: int | None) -> None:
        if not self.turn.done():
            self.turn.set_result(revision)

    def fail(self, why: str) -> None:
        if not self.turn.done():
            self.turn.set_exception(Unavailable(why))
            self.turn.exception()  # its caller may be gone and never ask


class StreamWriter:
    """Share one among all who write to the stream in a process, or few of their writes ever meet."""

    def __init__(self, bus: Bus, stream: Stream) -> None:
        self._bus = bus
        self._stream = stream
        self._alone = 0
        """Writes that fly alone now."""
        self._group: list[_Write] | None = None
        """Writes that wait; whoever is first in it leads it."""
        self._leading = asyncio.Lock()
        self._can_batch: bool | None = None
        self._name = secrets.token_hex(4)
        self._batches = count()

    async def publish(
        self, subject: str, data: bytes, *, expected: int | None = None, headers: Mapping[str, str] | None = None
    ) -> int:
        """As `Bus.publish`, with the same errors."""
        largest = min(LARGEST, self._bus.max_payload // 2)
        if self._alone < FEW or self._can_batch is False or len(data) > largest:
            return await self._send_alone(subject, data, expected, headers)
        sent = {**(headers or {}), **({} if expected is None else {EXPECTED: str(expected)})}
        write = _Write(subject, data, sent)
        if self._group is None:
            group = self._group = [write]
            await self._lead(group)
        else:
            self._group.append(write)
        revision = await write.turn
        return await self._send_alone(subject, data, expected, headers) if revision is None else revision

    async def _send_alone(
        self, subject: str, data: bytes, expected: int | None, headers: Mapping[str, str] | None
    ) -> int:
        self._alone += 1
        try:
            return await self._bus.publish(subject, data, expected=expected, headers=headers)
        finally:
            self._alone -= 1

    async def _lead(self, group: list[_Write]) -> None:
        """Send what has come together by the time the batch before is done. All in it are settled at the end."""
        try:
            async with self._leading:
                await asyncio.sleep(0)  # who writes in the same turn of the loop joins
                self._group = None
                for start in range(0, len(group), MOST):
                    await self._send(group[start : start + MOST])
        finally:
            if self._group is group:
                self._group = None
            for write in group:
                write.settle(None)

    async def _send(self, part: Sequence[_Write]) -> None:
        if len(part) < LEAST or not await self._may_batch():
            return
        try:
            last = await self._commit(part)
        except Unavailable as err:
            for write in part:
                write.fail(str(err))
        except FlotillaError:
            return  # one is refused, and with it all: alone each gets its own answer
        except BaseException:
            for write in part:
                write.fail("the hub stops; it is not known whether this was stored")
            raise
        else:
            for place, write in enumerate(part, start=1):
                write.settle(last - len(part) + place)

    async def _commit(self, part: Sequence[_Write]) -> int:
        """The revision of the last; the others have those before it."""
        batch = f"{self._name}-{next(self._batches)}"
        *others, last = part
        for place, write in enumerate(others, start=1):
            headers = {**write.headers, BATCH: batch, PLACE: str(place)}
            await self._bus.say(write.subject, write.data, headers=headers)
        headers = {**last.headers, BATCH: batch, PLACE: str(len(part)), COMMIT: "1"}
        answer = await self._bus.request(last.subject, last.data, headers=headers)
        if answer.get("batch") != batch:
            raise Unavailable(f"{self._stream.name} took {len(part)} writes and does not say how; read them again")
        return int(answer["seq"])

    async def _may_batch(self) -> bool:
        """Whether the stream takes batches; servers before 2.12 do not."""
        if self._can_batch is None:
            info = await self._bus.request(stream_call("INFO", self._stream))
            self._can_batch = bool(info["config"].get("allow_atomic"))
        return self._can_batch
