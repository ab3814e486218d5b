"""Keeps a repair from becoming a war: whoever undoes ours again and again has to be undone ever more seldom. Pure."""

__all__ = ["Damper"]


class Damper:
    """Told of each repair that is due; says how long to wait with it."""

    def __init__(self, *, free: int, first: float, longest: float) -> None:
        """`free` repairs go at once, then the wait doubles from `first` to `longest` seconds.

        An object left in peace for twice `longest` starts over.
        """
        self._free = free
        self._first = first
        self._longest = longest
        self._repairs: dict[str, tuple[int, float]] = {}

    def wait(self, key: str, now: float) -> float:
        """Seconds to wait before the repair of `key`; `now` in seconds on any one clock."""
        count, last = self._repairs.get(key, (0, now))
        if now - last > 2 * self._longest:
            count = 0
        self._repairs[key] = (count + 1, now)
        if count < self._free:
            return 0.0
        return min(self._longest, self._first * 2.0 ** min(count - self._free, 30))

    def forget(self, key: str) -> None:
        """The key is gone for good."""
        self._repairs.pop(key, None)
