"""Spreading over regions: which combination of regions, then which clusters in them."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from .request import Division, Request, division_of
from .select import Candidate, Groups, NotSelectable

__all__ = ["spread_by_region"]

_COMBINATIONS = 20_000
"""How many ways are weighed at most. Upstream weighs them all, so that forty regions may hold it up for hours."""


class _Region(NamedTuple):
    name: str
    candidates: tuple[Candidate, ...]
    weight: int

    @property
    def value(self) -> int:
        return len(self.candidates)


_Path = tuple[_Region, ...]


def spread_by_region(
    request: Request, candidates: Sequence[Candidate], regions: Groups, clusters: Groups
) -> list[Candidate]:
    """The best cluster of each chosen region, then the best of the rest up to `clusters.most`. Raises NotSelectable."""
    grouped: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        grouped.setdefault(candidate.cluster.region, []).append(candidate)
    if len(grouped) < regions.least:
        raise NotSelectable("the number of feasible region is less than spreadConstraint.MinGroups")
    rated = [_Region(name, tuple(found), _weight(request, found, regions, clusters)) for name, found in grouped.items()]
    path = _best(_paths(sorted(rated, key=lambda r: (r.value, -r.weight, r.name)), regions, clusters))
    if path is None:
        raise NotSelectable("the number of clusters is less than the cluster spreadConstraint.MinGroups")
    chosen = [region.candidates[0] for region in path]
    rest = sorted((c for region in path for c in region.candidates[1:]), key=lambda c: (-c.score, -c.available, c.name))
    return chosen + rest[: max(0, clusters.most - len(chosen))]


def _weight(request: Request, candidates: Sequence[Candidate], regions: Groups, clusters: Groups) -> int:
    """A region's score: a thousand for each replica (or copy) it can hold, then the average score of its clusters."""
    if division_of(request.placement) is Division.DUPLICATED:
        able = [c for c in candidates if c.available >= request.replicas]
        return 1000 * len(able) + sum(c.score for c in able) // len(able) if able else 0
    target = -(-request.replicas // regions.least)
    enough = max(clusters.least, regions.least)
    room = score = count = 0
    for candidate in candidates:
        room, score, count = room + candidate.available, score + candidate.score, count + 1
        if count >= enough and room >= target:
            break
    if room < target:
        return 1000 * room + score // len(candidates)
    return 1000 * target + score // count


def _paths(ordered: Sequence[_Region], regions: Groups, clusters: Groups) -> Iterator[_Path]:
    """Every combination that has clusters enough, in upstream's order of discovery; none extends another."""
    if len(ordered) == regions.least:
        full = tuple(ordered)
        return iter([full] if sum(r.value for r in full) >= clusters.least else [])
    return islice(_descend(ordered, (), 0, regions, clusters), _COMBINATIONS)


def _descend(ordered: Sequence[_Region], path: _Path, start: int, regions: Groups, clusters: Groups) -> Iterator[_Path]:
    if len(path) >= regions.least and sum(r.value for r in path) >= clusters.least:
        yield path
        return
    rest = ordered[max(start, len(ordered) - (regions.most - len(path))) :]
    if len(path) + len(rest) < regions.least or sum(r.value for r in (*path, *rest)) < clusters.least or not rest:
        # Even the largest of the rest would not do. Without this, a hopeless wish would be searched to the end.
        return
    for i in range(start, len(ordered)):
        yield from _descend(ordered, (*path, ordered[i]), i + 1, regions, clusters)


def _best(paths: Iterator[_Path]) -> _Path | None:
    """The heaviest, the one with more clusters, the first found; or another feasible one that is its beginning."""
    found = [tuple(sorted(path, key=lambda r: (-r.weight, r.name))) for path in paths]
    if not found:
        return None
    best = max(found, key=lambda path: (sum(r.weight for r in path), sum(r.value for r in path)))
    shorter = [path for path in found if len(path) < len(best) and best[: len(path)] == path]
    return shorter[0] if shorter else best
