"""When what arrived where, by one clock for all processes (CLOCK_MONOTONIC): observers fill it, benchmarks wait."""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Arrivals", "Arrived", "Marker", "now"]

Marker = Hashable
"""Where and what: a member or the hub, a name, and what tells this version from others."""


def now() -> float:
    """Seconds; the same clock in every process of this machine."""
    return time.monotonic_ns() / 1e9


class Arrived(NamedTuple):
    """A version of a Deployment that a member holds."""

    member: str
    name: str
    image: str


@dataclass
class _Wait:
    missing: set[Marker]
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Arrivals:
    """The first time each marker was seen."""

    def __init__(self) -> None:
        self.seen: dict[Marker, float] = {}
        self.events: Counter[tuple[str, str]] = Counter()
        """How often an object of a member changed, by (member, name)."""
        self._waits: list[_Wait] = []

    def note(self, marker: Marker, at: float) -> None:
        if marker in self.seen:
            return
        self.seen[marker] = at
        for wait in self._waits:
            wait.missing.discard(marker)
            if not wait.missing and not wait.done.done():
                wait.done.set_result(None)

    async def wait(self, markers: Collection[Marker], *, within: float) -> list[float]:
        """When each was first seen, in the order given. TimeoutError, saying how many are missing, after `within` s."""
        wait = _Wait({marker for marker in markers if marker not in self.seen})
        if wait.missing:
            self._waits.append(wait)
            try:
                async with asyncio.timeout(within):
                    await wait.done
            except TimeoutError as err:
                first = min(map(str, wait.missing))
                raise TimeoutError(
                    f"{len(wait.missing)} of {len(markers)} did not arrive in {within:g} s: {first}"
                ) from err
            finally:
                self._waits.remove(wait)
        return [self.seen[marker] for marker in markers]
