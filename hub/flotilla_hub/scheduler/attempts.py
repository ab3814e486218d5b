"""When a binding that could not be placed is tried again: upstream's back-off and its pool of the unschedulable. Pure.

Whoever does not fit anywhere waits for a change. Whoever lacks room waits in the pool: for a change that may help, and
at most five minutes. Everyone else is tried again after 1 s, 2 s, 4 s, 8 s, then every 10 s. A change hastens nobody
beyond that back-off, so that a fleet that never rests does not have the same bindings tried all the time.
"""

from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

__all__ = ["FIRST", "MOST", "POOLED", "Attempts"]

K = TypeVar("K", bound=Hashable)

FIRST, MOST = 1.0, 10.0
POOLED = 300.0
"""Seconds, all three."""

_WAITS: dict[str, float | None] = {"NoClusterFit": None, "Unschedulable": POOLED}
"""By the reason of the Scheduled condition; what is not here backs off."""


class _Failed(NamedTuple):
    reason: str
    times: int
    at: float


class Attempts(Generic[K]):
    """`now` is in seconds, of a clock that only rises."""

    def __init__(self) -> None:
        self._failed: dict[K, _Failed] = {}

    def __len__(self) -> int:
        return len(self._failed)

    def settle(self, key: K, failure: str, now: float) -> float | None:
        """Note how a try ended: the reason of its failure, empty for a success.

        Returns the seconds until the next; None when there need not be one before something changes.
        """
        if not failure:
            self.forget(key)
            return None
        before = self._failed.get(key)
        self._failed[key] = _Failed(failure, before.times + 1 if before else 1, now)
        return _WAITS[failure] if failure in _WAITS else self.patience(key, now)

    def patience(self, key: K, now: float) -> float:
        """Seconds of its back-off that are left: what may help it must wait as long."""
        failed = self._failed.get(key)
        if failed is None:
            return 0.0
        return max(0.0, failed.at + min(MOST, FIRST * 2.0 ** min(failed.times - 1, 10)) - now)

    def failed_for(self, reason: str) -> list[K]:
        """Those whose last try ended so."""
        return [key for key, failed in self._failed.items() if failed.reason == reason]

    def forget(self, key: K) -> None:
        """It is placed, it is gone, or what it asks for is something new: it begins anew."""
        self._failed.pop(key, None)
