"""Reports on Works that are no more: removed in time, or the stream of reports would grow with every name ever used.

An agent says again after a broken connection what it said last, also of a Work that the hub has forgotten meanwhile.
"""

import orjson

from flotilla_common.bus import Bus
from flotilla_common.subjects import STATUS, WORKS, StatusSubject, Stream, WorkSubject, stream_call

__all__ = ["Strays", "purge"]


class Strays:
    """`note` them as they come, `purge` them now and then."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._seen: dict[WorkSubject, int] = {}

    def note(self, subject: WorkSubject, revision: int) -> None:
        self._seen[subject] = revision

    async def purge(self) -> None:
        """Those whose Work NATS does not hold. Raises Unavailable; what is left then waits for the next time."""
        while self._seen:
            subject, revision = self._seen.popitem()
            try:
                if await self._bus.last(WORKS, str(subject)) is None:
                    # A report on a Work of that name made since has a later sequence and stays.
                    await purge(self._bus, STATUS, str(StatusSubject(*subject)), upto=revision)
            except BaseException:
                self._seen.setdefault(subject, revision)
                raise


async def purge(bus: Bus, stream: Stream, subject: str, *, upto: int | None = None) -> None:
    """Remove what is stored under `subject`, or of that no more than up to a sequence."""
    body = {"filter": subject, **({"seq": upto + 1} if upto is not None else {})}
    await bus.request(stream_call("PURGE", stream), orjson.dumps(body))
