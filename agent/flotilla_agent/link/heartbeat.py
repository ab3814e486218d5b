"""The sign of life: every few seconds, what this agent holds; a lost message and a lost agent both show in it."""

import asyncio
import secrets
import time

from flotilla_common.bus import Bus
from flotilla_common.errors import Retryable
from flotilla_common.messages import Heartbeat
from flotilla_common.subjects import heartbeat

from ..journal import Journal

__all__ = ["beat"]


async def beat(bus: Bus, cluster: str, journal: Journal, every: float) -> None:
    """Say it now and every `every` seconds, for ever."""
    boot = secrets.token_hex(4)
    while True:
        message = Heartbeat(cluster, boot, journal.held, journal.fold(), journal.last_revision, time.time())
        try:
            if bus.connected:
                await bus.say(heartbeat(cluster), message.pack())
        except Retryable:
            pass  # the next one says the same
        await asyncio.sleep(every)
