"""Keys that come in bursts, handed on together: what a thousand causes ask for is asked once per pause, not each time.

Beside `runtime.queue`, which merges a key only while it waits: here it may be one that is done again and again.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

__all__ = ["Gathered"]

K = TypeVar("K", bound=Hashable)


class Gathered(Generic[K]):
    """`hand_on` gets each key once, `pause()` seconds after the first of a burst."""

    def __init__(self, hand_on: Callable[[K], None], pause: Callable[[], float]) -> None:
        self._hand_on = hand_on
        self._pause = pause
        self._keys: dict[K, None] = {}
        """In the order of their first coming."""
        self._timer: asyncio.TimerHandle | None = None

    def add(self, keys: Iterable[K]) -> None:
        """Call it from the loop's own thread."""
        self._keys.update(dict.fromkeys(keys))
        if self._keys and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause(), self._flush)

    def _flush(self) -> None:
        keys, self._keys, self._timer = self._keys, {}, None
        for key in keys:
            self._hand_on(key)
