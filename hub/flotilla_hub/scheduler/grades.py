"""How much fits on nodes of which only the grade is known: as if each had the least its grade promises. Pure.

Pods are laid out one by one, each on the first node with room, the nodes of lower grades first, as upstream does.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..model.cluster import NodeGrade

__all__ = ["Part", "Pods", "is_modelled", "sets_on"]

Pods = Mapping[str, int]
"""What one pod asks for, by resource, in the units of `quantity.units_of`; what it asks none of is left out."""


class Part(NamedTuple):
    """`number` pods that ask alike."""

    number: int
    pod: Pods


def is_modelled(grades: Sequence[NodeGrade], parts: Sequence[Part]) -> bool:
    """Whether the grades tell of every resource that is asked for."""
    told = grades[0].least.keys() if grades else set[str]()
    return bool(grades) and all(part.pod.keys() <= told for part in parts)


def sets_on(grades: Sequence[NodeGrade], parts: Sequence[Part], most: int, taken: Sequence[Part] = ()) -> int:
    """How many whole sets of all parts fit, up to `most`, once `taken` has been laid out too.

    A set that is laid out like the one before is not laid out again: what is left tells how often it goes on so.
    """
    if not parts:
        return most
    if len(parts) == 1 and parts[0].number == 1 and not taken:
        return min(most, sum(grade.number * _fitting(grade.least, parts[0].pod) for grade in grades))
    nodes = _Nodes(grades)
    for part in taken:
        nodes.lay_out([part])
    sets = 0
    while sets < most:
        used = nodes.lay_out(parts)
        if used is None:
            break
        again = min(most - sets - 1, *(_fitting(node, asked) for node, asked in used))
        for node, asked in used:
            _take(node, asked, again)
        nodes.drop_full(parts)
        sets += 1 + again
    return sets


_Units = dict[str, int]


class _Nodes:
    """Made when the first pod gets so far: most never are."""

    def __init__(self, grades: Sequence[NodeGrade]) -> None:
        self._held: list[_Units] = []
        self._rest = (dict(grade.least) for grade in grades for _ in range(grade.number))

    def lay_out(self, parts: Sequence[Part]) -> list[tuple[_Units, _Units]] | None:
        """Take what one set needs; the nodes it is on and what it has of each.

        None when it does not fit; as upstream has it, what did fit is taken all the same. Of pods that ask alike none
        fits where the one before did not.
        """
        used: dict[int, tuple[_Units, _Units]] = {}
        for part in parts:
            left = part.number
            for node in self._in_order():
                if placed := min(left, _fitting(node, part.pod)):
                    _take(node, part.pod, placed)
                    _give(used.setdefault(id(node), (node, {}))[1], part.pod, placed)
                    left -= placed
                if not left:
                    break
            if left:
                return None
        return list(used.values())

    def drop_full(self, parts: Sequence[Part]) -> None:
        """Forget nodes that no pod fits on any more."""
        self._held = [node for node in self._held if any(_fitting(node, part.pod) for part in parts)]

    def _in_order(self) -> Iterator[_Units]:
        yield from self._held
        for node in self._rest:
            self._held.append(node)
            yield node


def _fitting(free: Mapping[str, int], asked: Mapping[str, int]) -> int:
    return max(0, min((free[name] // units for name, units in asked.items()), default=0))


def _take(node: _Units, asked: Mapping[str, int], count: int) -> None:
    for name, units in asked.items():
        node[name] -= units * count


def _give(used: _Units, asked: Mapping[str, int], count: int) -> None:
    for name, units in asked.items():
        used[name] = used.get(name, 0) + units * count
