"""All clusters at one moment, and which of them would take a request. Verdicts bindings share are remembered."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Self

from ..model.cluster import Cluster
from .memory import Memory
from .plugins import Filter
from .request import Request

__all__ = ["Snapshot", "Verdict"]


class Verdict(NamedTuple):
    """The clusters that would take it, by name, and why each other would not (the rarest reason first)."""

    fitting: tuple[Cluster, ...]
    rejected: Mapping[str, str]


class Snapshot:
    """Clusters sorted by name. To see a change, build a new one: an old snapshot stays as it was."""

    def __init__(self, clusters: Iterable[Cluster], lasting: Memory | None = None) -> None:
        self._clusters = tuple(sorted(clusters, key=lambda c: c.name))
        self._by_name = {cluster.name: cluster for cluster in self._clusters}
        self.lasting = lasting or Memory()
        """What does not depend on free room: verdicts, weights."""
        self.fleeting = Memory()
        """What does."""

    @classmethod
    def of(cls, clusters: "Self | Iterable[Cluster]") -> Self:
        return clusters if isinstance(clusters, cls) else cls(clusters)

    def with_room(self, changed: Mapping[str, Cluster]) -> Self:
        """As it is with these instead, of which nothing but their free room differs: what lasts is kept."""
        return type(self)((changed.get(c.name, c) for c in self._clusters), self.lasting)

    def __len__(self) -> int:
        return len(self._clusters)

    def __iter__(self) -> Iterator[Cluster]:
        return iter(self._clusters)

    def get(self, name: str) -> Cluster | None:
        return self._by_name.get(name)

    def verdict(self, request: Request, filters: Sequence[Filter]) -> Verdict:
        """Judges every cluster that is not terminating. Costs next to nothing when a like request was judged before.

        Rests on the rule in `plugins`: being a present target may excuse a cluster, being evicted may condemn it,
        and nothing else about a binding's present place counts.
        """
        common = self._common(request, tuple(filters))
        doubtful = [name for name in request.previous if name in common.rejected]
        doubtful += [name for name in request.evicting if (c := self.get(name)) is not None and not c.terminating]
        changed = {name: _judge(request, self._by_name[name], filters) for name in doubtful}
        changed = {name: why for name, why in changed.items() if why != common.rejected.get(name)}
        if not changed:
            return common
        rejected = {name: why for name, why in {**changed, **common.rejected, **changed}.items() if why}
        fitting = (c for c in self._clusters if c.name not in rejected and not c.terminating)
        return Verdict(tuple(fitting), rejected)

    def _common(self, request: Request, filters: tuple[Filter, ...]) -> Verdict:
        key = (filters, request.wish)
        judged = self.lasting.of(key, lambda: _judge_all(request.without_place(), self._clusters, filters))
        return self.fleeting.of(key, lambda: Verdict(tuple(self._clusters[i] for i in judged.places), judged.rejected))


class _Judged(NamedTuple):
    """The places of those that fit among all clusters, and why each other does not."""

    places: tuple[int, ...]
    rejected: Mapping[str, str]


def _judge_all(request: Request, clusters: Iterable[Cluster], filters: Sequence[Filter]) -> _Judged:
    fitting: list[int] = []
    rejected: dict[str, str] = {}
    for place, cluster in enumerate(clusters):
        if cluster.terminating:
            continue
        why = _judge(request, cluster, filters)
        if why is None:
            fitting.append(place)
        else:
            rejected[cluster.name] = why
    # Rare reasons tell more: of a thousand clusters most are simply not meant.
    frequency = Counter(rejected.values())
    return _Judged(tuple(fitting), dict(sorted(rejected.items(), key=lambda entry: frequency[entry[1]])))


def _judge(request: Request, cluster: Cluster, filters: Sequence[Filter]) -> str | None:
    for rule in filters:
        why = rule(request, cluster)
        if why is not None:
            return why
    return None
