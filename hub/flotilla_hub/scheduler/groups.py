"""Which bindings belong to one affinity or anti-affinity group, and where they are: an index to be kept up to date."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

from flotilla_common.objects import Obj, namespace_of

__all__ = ["NOBODY", "Company", "Groups"]

K = TypeVar("K", bound=Hashable)

_AFFINITY, _ANTI_AFFINITY = "affinityGroup", "antiAffinityGroup"


class Company(NamedTuple):
    """Where the others of a binding's groups are.

    `together`: clusters all placed ones of its affinity group share, None while none is placed; `apart`: clusters any
    of its anti-affinity group is in.
    """

    together: frozenset[str] | None = None
    apart: frozenset[str] = frozenset()


NOBODY = Company()


class _Group(NamedTuple):
    """As upstream has it, a group never reaches beyond its namespace."""

    namespace: str
    kind: str
    name: str


class Groups(Generic[K]):
    """Keys are whatever names a binding."""

    def __init__(self) -> None:
        self._places: dict[K, frozenset[str]] = {}
        self._groups: dict[K, tuple[_Group, ...]] = {}
        self._members: defaultdict[_Group, set[K]] = defaultdict(set)

    def note(self, key: K, binding: Obj) -> tuple[K, ...]:
        """The binding as it now is. Returns the others of its groups, old and new, if its place or groups differ."""
        groups, places = tuple(_groups_of(binding)), _places_of(binding)
        if groups == self._groups.get(key, ()) and places == self._places.get(key, frozenset()):
            return ()
        concerned = {*self.forget(key)}
        if groups:
            self._groups[key], self._places[key] = groups, places
        for group in groups:
            concerned |= self._members[group]
            self._members[group].add(key)
        return tuple(concerned - {key})

    def forget(self, key: K) -> tuple[K, ...]:
        """It is gone. Returns the others of its groups."""
        self._places.pop(key, None)
        others: list[K] = []
        for group in self._groups.pop(key, ()):
            self._members[group].discard(key)
            others += self._members[group]
            if not self._members[group]:
                del self._members[group]
        return tuple(others)

    def company_of(self, key: K, binding: Obj) -> Company:
        """Where the others of its groups are now."""
        together: frozenset[str] | None = None
        apart: frozenset[str] = frozenset()
        for group in _groups_of(binding):
            for other in self._members.get(group, ()):
                places = self._places[other]
                if other == key or not places:
                    continue
                if group.kind == _AFFINITY:
                    together = places if together is None else together & places
                else:
                    apart |= places
        return Company(together, apart)


def _groups_of(binding: Obj) -> Iterator[_Group]:
    named = (binding.get("spec") or {}).get("workloadAffinityGroups") or {}
    # Cluster-scoped bindings belong to no namespace, and so to no group.
    for kind in (_AFFINITY, _ANTI_AFFINITY):
        if named.get(kind) and namespace_of(binding):
            yield _Group(namespace_of(binding), kind, named[kind])


def _places_of(binding: Obj) -> frozenset[str]:
    clusters: Iterable[Obj] = (binding.get("spec") or {}).get("clusters") or ()
    return frozenset(cluster["name"] for cluster in clusters)
