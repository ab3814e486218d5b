"""Keys that come in bursts, handed on together: what a thousand causes ask for is asked once per pause, not each time.

Beside `runtime.queue`, which merges a key only while it waits: here it may be one that is done again and again.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

__all__ = ["Gathered"]

K = TypeVar("K", bound=Hashable)


class Gathered(Generic[K]):
    """`hand_on` gets a key when its pause is over, once however often it was added meanwhile.

    `pause()`: seconds, where `add` is not told.
    """

    def __init__(self, hand_on: Callable[[K], None], pause: Callable[[], float] = float) -> None:
        self._hand_on = hand_on
        self._pause = pause
        self._timers: dict[K, tuple[float, asyncio.TimerHandle]] = {}
        """When each is due, and its timer: uvloop's do not say, if they are due at once."""

    def add(self, keys: Iterable[K], pause: float | None = None) -> None:
        """A shorter pause than is left brings a key forward. Call it from the loop's own thread."""
        loop = asyncio.get_running_loop()
        at = loop.time() + (self._pause() if pause is None else pause)
        for key in keys:
            held = self._timers.get(key)
            if held is None or held[0] > at:
                self.forget(key)
                self._timers[key] = at, loop.call_at(at, self._end, key)

    def forget(self, key: K) -> None:
        held = self._timers.pop(key, None)
        if held is not None:
            held[1].cancel()

    def flush(self) -> None:
        """No more pause: hand on all there are."""
        for key in tuple(self._timers):
            self.forget(key)
            self._hand_on(key)

    def _end(self, key: K) -> None:
        del self._timers[key]
        self._hand_on(key)
