"""The end a process wants: on SIGTERM or Ctrl-C what it runs is cancelled, and has cleaned up when this returns."""

import asyncio
import logging
import signal
from collections.abc import Coroutine

__all__ = ["until_stopped"]

log = logging.getLogger(__name__)


async def until_stopped(work: Coroutine[object, object, None]) -> None:
    """Run `work` until it fails or a signal asks to stop, at whatever point it is."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(work, name="work")
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        log.info("stopped")
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
