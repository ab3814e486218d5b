"""One idempotent call, tried again for a bounded time while the other side is away. Loops have their queues instead."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from flotilla_common.errors import Unavailable

__all__ = ["patiently"]

T = TypeVar("T")


async def patiently(call: Callable[[], Awaitable[T]], *, within: float = 30.0) -> T:
    """The answer of `call`, which may be made again after Unavailable until `within` seconds have passed.

    Raises what the last try raised; any other error at once.
    """
    tries = AsyncRetrying(
        retry=retry_if_exception_type(Unavailable),
        wait=wait_exponential_jitter(multiplier=0.1, max=2.0, jitter=0.1),
        stop=stop_after_delay(within),
        reraise=True,
    )

    async def once() -> T:
        return await call()

    # Handed anything but a coroutine function, such as a lambda that returns a coroutine, it would not await it.
    return await tries(once)
