"""Waiting for a condition, never for the clock."""

import asyncio
from collections.abc import Callable

__all__ = ["eventually"]


async def eventually(condition: Callable[[], object], *, within: float = 10.0) -> None:
    """Return as soon as `condition` holds; TimeoutError after `within` seconds."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110  # what is waited for is often in another process, and rings no bell
            await asyncio.sleep(0.005)
