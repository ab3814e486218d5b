"""A queue of keys for reconcile loops: repeats merge, one key never runs twice at once, no change is lost mid-run."""

import asyncio
import heapq
import random
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["KeyQueue"]

K = TypeVar("K", bound=Hashable)

_Rank = tuple[int, int]
"""Importance, negated, then priority: what is smaller goes first."""


class KeyQueue(Generic[K]):
    """Lower priority numbers go first, equal ones in order of arrival. More important keys go before all others.

    A key added while it runs is handed out once more after `done`. A key added twice while it waits is handed out once,
    at the better of the two priorities.
    """

    def __init__(
        self, *, first_delay: float = 0.05, max_delay: float = 60.0, importance: Callable[[K], int] | None = None
    ) -> None:
        """`first_delay`, `max_delay`: bounds in seconds of the back-off between retries of one key.

        `importance` is asked whenever a key is added; equal for all by default.
        """
        self._heap: list[tuple[_Rank, int, K]] = []
        self._waiting: dict[K, _Rank] = {}
        self._running: set[K] = set()
        self._again: dict[K, _Rank] = {}
        self._failures: dict[K, int] = {}
        self._timers: dict[K, tuple[float, asyncio.TimerHandle]] = {}
        """When each is due, and its timer: uvloop's do not say, if they are due at once."""
        self._arrivals = 0
        self._first_delay = first_delay
        self._max_delay = max_delay
        self._importance = importance
        self._added = asyncio.Event()

    def __len__(self) -> int:
        """Keys waiting or running; those sleeping before a retry do not count."""
        return len(self._waiting) + len(self._running)

    def add(self, key: K, priority: int = 0) -> None:
        """Call it from the loop's own thread; a sleeping retry of the key is brought forward."""
        self._insert(key, (-self._importance(key) if self._importance else 0, priority))

    async def get(self) -> K:
        """The next key, once there is one; the caller must call `done` or `retry` with it."""
        while not self._waiting:
            self._added.clear()
            await self._added.wait()
        return self.take()

    def take(self) -> K:
        """The next key, as from `get`. Raises IndexError when none waits."""
        while True:
            rank, _, key = heapq.heappop(self._heap)
            # A key that was re-added at a better rank leaves its older entry behind.
            if self._waiting.get(key) == rank:
                del self._waiting[key]
                self._running.add(key)
                return key

    def has_waiting(self) -> bool:
        return bool(self._waiting)

    def done(self, key: K) -> None:
        """The run succeeded; its back-off starts over."""
        self._failures.pop(key, None)
        self._finish(key)

    def retry(self, key: K, delay: float | None = None) -> float:
        """The run failed: hand the key out again after `delay` seconds, by default the next step of its back-off.

        Returns the delay. A change that arrived mid-run goes first.
        """
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        if delay is None:
            ceiling = min(self._max_delay, self._first_delay * 2 ** min(failures - 1, 30))
            delay = ceiling * random.uniform(0.5, 1.0)
        changed = key in self._again
        self._finish(key)
        if not changed:
            self.later(key, delay)
        return delay

    def later(self, key: K, delay: float) -> None:
        """Hand the key out after `delay` seconds, unless it is added before."""
        if key not in self._waiting and key not in self._running:
            self._forget_timer(key)
            loop = asyncio.get_running_loop()
            self._timers[key] = loop.time() + delay, loop.call_later(delay, self.add, key)

    def hasten(self, key: K, delay: float) -> None:
        """Hand the key out after at most `delay` seconds; what changed may concern it. Once more if it runs now."""
        if key in self._running or delay <= 0:
            self.add(key)
            return
        held = self._timers.get(key)
        if held is None or held[0] > asyncio.get_running_loop().time() + delay:
            self.later(key, delay)

    def forget(self, key: K) -> None:
        """Drop the key's back-off and its sleeping retry: the object is gone."""
        self._failures.pop(key, None)
        self._forget_timer(key)

    def _insert(self, key: K, rank: _Rank) -> None:
        self._forget_timer(key)
        if key in self._running:
            self._again[key] = min(rank, self._again.get(key, rank))
            return
        if key in self._waiting and self._waiting[key] <= rank:
            return
        self._waiting[key] = rank
        self._arrivals += 1
        heapq.heappush(self._heap, (rank, self._arrivals, key))
        self._added.set()

    def _finish(self, key: K) -> None:
        self._running.discard(key)
        if key in self._again:
            self._insert(key, self._again.pop(key))

    def _forget_timer(self, key: K) -> None:
        held = self._timers.pop(key, None)
        if held is not None:
            held[1].cancel()
