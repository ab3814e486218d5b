"""All Works in memory: found by cluster, by name and by origin. No I/O.

What one costs here times the number of Works is most of what the hub holds (docs/performance/memory.md).
"""

from bisect import bisect_left
from collections.abc import Iterator

from flotilla_common.messages import fold
from flotilla_common.subjects import WorkSubject

from .entry import WorkEntry

__all__ = ["WorkIndex"]


class WorkIndex:
    """An entry put in takes the place of the one under its name."""

    def __init__(self) -> None:
        self._clusters: dict[str, dict[str, WorkEntry]] = {}
        self._origins: dict[str, list[WorkEntry]] = {}
        """In the order of their subjects: a list of thousands is searched, never walked."""
        self._folds: dict[str, int] = {}

    def get(self, subject: WorkSubject) -> WorkEntry | None:
        held = self._clusters.get(subject.cluster)
        return None if held is None else held.get(subject.work)

    def of_cluster(self, cluster: str) -> Iterator[WorkEntry]:
        yield from self._clusters.get(cluster, {}).values()

    def of_origin(self, origin: str) -> list[WorkEntry]:
        return self._origins.get(origin, [])[:]

    def count_of(self, origin: str) -> int:
        return len(self._origins.get(origin, ()))

    def all(self) -> Iterator[WorkEntry]:
        for held in self._clusters.values():
            yield from held.values()

    def clusters(self) -> list[str]:
        return list(self._clusters)

    def origins(self) -> list[str]:
        return list(self._origins)

    def held(self, cluster: str) -> tuple[int, int]:
        """How many, and their folded digests."""
        return len(self._clusters.get(cluster, ())), self._folds.get(cluster, 0)

    def sibling(self, entry: WorkEntry) -> WorkEntry | None:
        """Another Work of the same origin that was reported on: one next to it, or at an end."""
        held = self._origins.get(entry.origin, [])
        at = bisect_left(held, entry.subject, key=_subject)
        near = (held[n] for n in (at - 1, at + 1, 0, -1) if -1 <= n < len(held))
        return next((other for other in near if other.told is not None and other is not entry), None)

    def put(self, entry: WorkEntry) -> None:
        before = self.get(entry.subject)
        if before is not None:
            self.drop(before)
            entry.is_new = False
        self._clusters.setdefault(entry.cluster, {})[entry.work] = entry
        self._folds[entry.cluster] = self._folds.get(entry.cluster, 0) ^ fold(entry.work, entry.digest)
        siblings = self._origins.setdefault(entry.origin, [])
        siblings.insert(bisect_left(siblings, entry.subject, key=_subject), entry)

    def drop(self, entry: WorkEntry) -> None:
        """`entry` must be in."""
        del self._clusters[entry.cluster][entry.work]
        self._folds[entry.cluster] ^= fold(entry.work, entry.digest)
        siblings = self._origins[entry.origin]
        del siblings[bisect_left(siblings, entry.subject, key=_subject)]
        if not siblings:
            del self._origins[entry.origin]


def _subject(entry: WorkEntry) -> WorkSubject:
    return entry.subject
