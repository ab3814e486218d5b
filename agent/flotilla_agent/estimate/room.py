"""How many pods of one kind, or whole sets of several, fit on the nodes beside what runs there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .claims import Claim
from .nodes import PODS, Node, units_in

__all__ = ["UNBOUNDED", "max_replicas", "max_sets"]

UNBOUNDED = 2**31 - 1


def max_replicas(nodes: Iterable[Node], requirements: Mapping[str, Any] | None) -> int:
    """Node by node, added up. `requirements` are a binding's `replicaRequirements`; without them only pods count."""
    wanted = _Wanted.of(requirements)
    return sum(node.fitting(wanted.units) for node in nodes if wanted.claim.takes(node))


def max_sets(nodes: Iterable[Node], components: Sequence[Mapping[str, Any]]) -> int:
    """Whole sets of all components' replicas, laid out one after the other, each pod on the first node with room.

    What a node has too little room for now it will have too little room for later, so each component goes on where its
    last set found room.
    """
    wishes = [(_Wanted.of(c.get("replicaRequirements")), int(c.get("replicas") or 0)) for c in components]
    wishes = [(wanted, replicas) for wanted, replicas in wishes if replicas > 0]
    if not wishes:
        return UNBOUNDED
    names = {name for wanted, _ in wishes for name, _ in wanted.units}
    places = [(node, {name: node.free(name) for name in names}) for node in nodes]
    queues = [[left for node, left in places if wanted.claim.takes(node)][::-1] for wanted, _ in wishes]
    sets = 0
    while all(_laid_out(wanted, count, queue) for (wanted, count), queue in zip(wishes, queues, strict=True)):
        sets += 1
    return sets


def _laid_out(wanted: "_Wanted", count: int, queue: list[dict[str, int]]) -> bool:
    """Whether so many found room; `queue` has the nodes that may have some, the first one last."""
    while count and queue:
        fitting = min(count, wanted.fitting(queue[-1]))
        if not fitting:
            queue.pop()
            continue
        for name, units in wanted.units:
            queue[-1][name] -= units * fitting
        count -= fitting
    return not count


class _Wanted(NamedTuple):
    """One pod: where it may go, and what it takes of a node, itself among it."""

    claim: Claim
    units: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, requirements: Mapping[str, Any] | None) -> "_Wanted":
        asked = units_in((requirements or {}).get("resourceRequest"))
        units = {**{name: amount for name, amount in asked if amount > 0}, PODS: 1}
        return cls(Claim.of((requirements or {}).get("nodeClaim")), tuple(units.items()))

    def fitting(self, free: Mapping[str, int]) -> int:
        return max(0, min(free[name] // units for name, units in self.units))
