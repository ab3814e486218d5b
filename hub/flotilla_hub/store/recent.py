"""The decoded forms of the objects that were looked at last, so that a dozen readers of one event decode it once.

They are shared: nobody may change one. What decides is pure and copies what it changes, so nearly every reader in the
hub only looks.
"""

from collections import deque
from typing import Protocol

__all__ = ["BYTES", "Recent"]

BYTES = 2 * 1024 * 1024
"""Of JSON, whose decoded forms are kept while a burst lasts: what hundreds of turns look at, some 10 MiB of memory."""


class Decoded(Protocol):
    """A record that keeps its decoded form until it is told to forget it."""

    @property
    def size(self) -> int: ...

    def forget(self) -> None: ...


class Recent:
    """First in, first out; the last two stay whatever their size: an event is looked at before and after."""

    def __init__(self, most: int = BYTES) -> None:
        self._most = most
        self._kept: deque[tuple[Decoded, int]] = deque()
        self._bytes = 0

    def keep(self, decoded: Decoded) -> None:
        self._kept.append((decoded, decoded.size))
        self._bytes += decoded.size
        while self._bytes > self._most and len(self._kept) > 2:
            oldest, size = self._kept.popleft()
            self._bytes -= size
            oldest.forget()
