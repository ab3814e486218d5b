"""Reports to the hub: the latest of each Work waits here until NATS has stored it; older ones are not worth sending."""

import asyncio
import logging
import random
import time
from contextlib import suppress
from dataclasses import replace

from flotilla_common.bus import Bus
from flotilla_common.errors import FlotillaError, Retryable
from flotilla_common.messages import ClusterReport, WorkReport
from flotilla_common.subjects import CLUSTER_REPORT, StatusSubject

__all__ = ["Outbox"]

log = logging.getLogger(__name__)

UNSURE = 30.0
"""Seconds for which an acknowledged report is kept, to be sent again should the connection break."""

MOST_AT_ONCE = 256
"""Reports in flight together: enough to hide the round trip, few enough to stay far below the client's buffer."""

CALM = 10.0
"""Seconds after a broken connection before acknowledged reports are sent again, and up to twice that: a hub that starts
beside its NATS is not to be held up by what it most likely knows."""

GAP = 0.1
"""Seconds between two reports of one Work. What changes now and then is told at once; what changes a hundred times a
second costs the hub its commits for ten of them."""

HEADROOM = 4096
"""Bytes of a message that are not the report."""


class Outbox:
    """Memory is bounded by the number of Works, whatever the length of an outage."""

    def __init__(self, bus: Bus, cluster: str) -> None:
        self._bus = bus
        self._cluster = cluster
        self._waiting: dict[str, bytes] = {}
        self._acknowledged: dict[str, tuple[float, bytes]] = {}
        self._woken = asyncio.Event()
        self.sent = 0
        bus.on_reconnect(self._repeat)

    def put(self, report: WorkReport) -> None:
        report = replace(report, at=time.time())
        data = report.pack()
        if len(data) > self._bus.max_payload - HEADROOM:
            # What became of the Work matters more than what its objects say of themselves.
            data = _without_statuses(report).pack()
        self._put(report.work, data)

    def put_cluster(self, report: ClusterReport) -> None:
        self._put(CLUSTER_REPORT, report.pack())

    async def run(self) -> None:
        delay = 0.1
        while True:
            batch, rest = self._due()
            if not batch:
                await self._pause(rest)
                continue
            failed = await self._send(batch)
            if failed:
                await asyncio.sleep(delay)
                delay = min(delay * 2, 10.0)
            else:
                delay = 0.1

    def _due(self) -> tuple[dict[str, bytes], float | None]:
        """What may go now, and in how many seconds the first of what may not; None when nothing waits."""
        now, batch, rest = asyncio.get_running_loop().time(), dict[str, bytes](), None
        if not self._bus.connected:
            # It would lie in the client's buffer, and once more for every try. Being back wakes us.
            return batch, rest
        for work, data in self._waiting.items():
            sent_at, _ = self._acknowledged.get(work, (-GAP, b""))
            if (wait := sent_at + GAP - now) > 0:
                rest = min(wait, rest or wait)
                continue
            batch[work] = data
            if len(batch) == MOST_AT_ONCE:
                break
        return batch, rest

    async def _pause(self, seconds: float | None) -> None:
        """Until something is put in, or so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()

    async def _send(self, batch: dict[str, bytes]) -> bool:
        """Whether anything has to be sent again."""
        done = await asyncio.gather(*(self._one(work, data) for work, data in batch.items()))
        return not all(done)

    async def _one(self, work: str, data: bytes) -> bool:
        try:
            await self._bus.publish(str(StatusSubject(self._cluster, work)), data)
        except Retryable:
            return False
        except FlotillaError as err:
            log.error("a report was refused", extra={"work": work, "error": str(err)})
        self.sent += 1
        self._remember(work, data)
        # A newer report may have taken its place meanwhile; that one still has to go.
        if self._waiting.get(work) is data:
            del self._waiting[work]
        return True

    def _remember(self, work: str, data: bytes) -> None:
        self._acknowledged.pop(work, None)
        self._acknowledged[work] = (asyncio.get_running_loop().time(), data)
        self._forget_what_is_sure()

    def _forget_what_is_sure(self) -> None:
        oldest = asyncio.get_running_loop().time() - UNSURE
        # Kept in order of time, so the old ones are in front.
        while self._acknowledged and self._acknowledged[first := next(iter(self._acknowledged))][0] < oldest:
            del self._acknowledged[first]

    def _repeat(self) -> None:
        """A server that does not flush before it acknowledges may have lost the last ones when it was killed.

        What waited for it goes at once.
        """
        self._woken.set()
        self._forget_what_is_sure()
        asyncio.get_running_loop().call_later(CALM * random.uniform(1, 2), self._send_again, dict(self._acknowledged))

    def _send_again(self, unsure: dict[str, tuple[float, bytes]]) -> None:
        """But for those of which something newer has been acknowledged since."""
        for work, held in unsure.items():
            if self._acknowledged.get(work, held) is held:
                self._waiting.setdefault(work, held[1])
        self._woken.set()

    def _put(self, work: str, data: bytes) -> None:
        self._waiting[work] = data
        self._woken.set()


def _without_statuses(report: WorkReport) -> WorkReport:
    return replace(report, objects=[replace(told, status=b"") for told in report.objects])
