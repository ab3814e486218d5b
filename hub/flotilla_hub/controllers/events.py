"""Kubernetes Events: controllers note what happened, and it is written down when nothing more urgent waits.

`kubectl describe` and `kubectl get events` show them. They are a service to people, so they never hold a placement up:
noting one costs a dictionary entry, writing is slow on purpose, and of too many the newest are dropped and counted.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress

from flotilla_common.errors import NotFound, Retryable, Terminal
from flotilla_common.objects import Obj, meta_of

from ..admission.lifecycle import created
from ..status.event import Note, Severity, event_after, is_outdated
from ..store.objects import Objects
from ..store.port import Key

__all__ = ["EVENTS", "Recorder", "forget_old", "write_events"]

EVENTS = "events"
WAITING_MOST = 1000
PAUSE = 0.02
"""Seconds between two writes: a burst of 1,000 templates tells its Events within a minute, not beside the Works."""

TTL = 3600.0
"""Seconds."""

log = logging.getLogger(__name__)


class Recorder:
    """What happened and is not yet written, oldest first; equal notes are one that counts."""

    def __init__(self, most: int = WAITING_MOST) -> None:
        self._waiting: OrderedDict[Note, int] = OrderedDict()
        self._most = most
        self._dropped = 0
        self._filled = asyncio.Event()

    def note(self, obj: Obj, severity: Severity, reason: str, message: str) -> None:
        """`obj`: the whole object it happened to, or its apiVersion, kind and metadata. `reason`: CamelCase."""
        note = Note.of(obj, severity, reason, message)
        if note not in self._waiting and len(self._waiting) >= self._most:
            self._dropped += 1
            return
        self._waiting[note] = self._waiting.get(note, 0) + 1
        self._filled.set()

    async def take(self) -> tuple[Note, int]:
        """The oldest note and how often it was made, once there is one."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        if self._dropped and len(self._waiting) == 1:
            log.warning("Events were dropped: too many at once", extra={"count": self._dropped})
            self._dropped = 0
        return self._waiting.popitem(last=False)


async def write_events(recorder: Recorder, objects: Objects, now: Callable[[], str], pause: float = PAUSE) -> None:
    """For ever. What cannot be written now is let go of: it may have lost its meaning by the time it could be."""
    while True:
        note, times = await recorder.take()
        try:
            await _write(objects, note, times, now())
        except (Retryable, Terminal) as err:
            log.info("Event is not told", extra={"event": note.event_name, "error": str(err)})
        await asyncio.sleep(pause)


async def _write(objects: Objects, note: Note, times: int, now: str) -> None:
    if not _is_open(objects, note.where):
        return
    key = Key(EVENTS, note.where, note.event_name)
    existing = objects.get(key)
    after = event_after(existing, note, times, now)
    if existing is None:
        await objects.create(key, created(after, now, note.event_uid))
    else:
        await objects.update(key, after)


def _is_open(objects: Objects, namespace: str) -> bool:
    """Nothing is written into a namespace that is going, or was never made."""
    found = objects.get(Key("namespaces", "", namespace))
    return found is not None and not meta_of(found).get("deletionTimestamp")


async def forget_old(objects: Objects, now: str, ttl: float = TTL) -> None:
    """An Event is kept an hour, whoever wrote it."""
    for record in objects.list(EVENTS).items:
        if is_outdated(record.obj(), now, ttl):
            with suppress(NotFound, Retryable):
                await objects.delete(record.key, record.revision)
