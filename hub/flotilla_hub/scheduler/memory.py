"""What many decisions have in common, worked out once and remembered for a while."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

__all__ = ["Memory"]

T = TypeVar("T")


class Memory:
    """Keeps the last `most` answers: each may be as long as there are clusters, some 100 kB for a thousand."""

    def __init__(self, most: int = 256) -> None:
        self._held: dict[Hashable, Any] = {}
        self._most = most

    def __len__(self) -> int:
        return len(self._held)

    def of(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """`work_out` must give the same whenever it is asked under this key; what is kept may only be added to."""
        if key not in self._held:
            self._held[key] = work_out()
            if len(self._held) > self._most:
                del self._held[next(iter(self._held))]
        return cast(T, self._held[key])
