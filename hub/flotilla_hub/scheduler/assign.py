"""How many replicas each chosen cluster gets. One function per way of dividing; the arithmetic is in `divide`."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from flotilla_common.errors import Terminal

from ..model.cluster import Cluster
from ..model.policy import StaticWeight
from .capacity import estimator
from .divide import webster
from .profile import DEFAULT, Profile
from .request import Division, Request, division_of

__all__ = ["Target", "Unschedulable", "assign"]


class Unschedulable(Terminal):
    """The clusters cannot hold what is asked; what runs already stays where it is."""

    reason = "Unschedulable"


class Target(NamedTuple):
    """A cluster in the result. `replicas` is None for what is not divided; `components`: name and replicas of each."""

    name: str
    replicas: int | None = None
    components: tuple[tuple[str, int], ...] = ()


def assign(request: Request, clusters: Sequence[Cluster], profile: Profile = DEFAULT) -> tuple[Target, ...]:
    """Targets sorted by name; clusters that would get no replica are left out, unless the operator wants them kept.

    Raises Unschedulable.
    """
    if not request.is_divisible:
        return tuple(Target(c.name, components=request.share) for c in clusters)
    shares = _WAYS[division_of(request.placement)](request, clusters, profile)
    if profile.propagate_empty:
        shares = {**dict.fromkeys((c.name for c in clusters), 0), **shares}
    return tuple(Target(name, shares[name]) for name in sorted(shares) if shares[name] > 0 or profile.propagate_empty)


def _duplicated(request: Request, clusters: Sequence[Cluster], profile: Profile) -> dict[str, int]:
    return {c.name: request.replicas for c in clusters}


def _static(request: Request, clusters: Sequence[Cluster], profile: Profile) -> dict[str, int]:
    """By the highest rule that names the cluster, over all replicas: where they were before is forgotten.

    A cluster no rule names gets none, unless no rule names any: then they share evenly, as they do without rules.
    """
    scheduling = request.placement.replica_scheduling
    preference = scheduling.weight_preference if scheduling else None
    rules = (preference.static_weight_list if preference else None) or ()
    weights = {c.name: weight for c in clusters if (weight := _weight(c, rules))}
    return webster(request.replicas, weights or {c.name: 1 for c in clusters}, request.uid)


def _weight(cluster: Cluster, rules: Sequence[StaticWeight]) -> int:
    return max((rule.weight for rule in rules if rule.target_cluster.matches(cluster)), default=0)


class _Room(NamedTuple):
    name: str
    free: int
    held: int


def _by_capacity(request: Request, clusters: Sequence[Cluster], profile: Profile) -> dict[str, int]:
    """Tier by tier, each filled before the next is touched; without overflow affinities there is one tier."""
    allocatable = estimator(request, profile)
    tiers: dict[int, list[_Room]] = {}
    for cluster in clusters:
        room = _Room(cluster.name, allocatable(cluster), request.previous.get(cluster.name, 0))
        tiers.setdefault(request.tier_of(cluster) or 0, []).append(room)
    if len(tiers) <= 1:
        return _scaled(request, request.replicas, next(iter(tiers.values()), []))
    shares: dict[str, int] = {}
    for _, rooms in sorted(tiers.items()):
        left = request.replicas - sum(shares.values())
        shares |= _scaled(request, min(left, sum(room.free + room.held for room in rooms)), rooms)
    if sum(shares.values()) < request.replicas:
        raise _too_little(sum(shares.values()))
    return shares


def _scaled(request: Request, wanted: int, rooms: Sequence[_Room]) -> dict[str, int]:
    """What runs stays: growth is divided by what is free, shrinkage by what is held. A fresh division starts anew."""
    held = {room.name: room.held for room in rooms if room.held}
    running = sum(held.values())
    base: dict[str, int] = {}
    if request.fresh:
        weights = {room.name: room.free + room.held for room in rooms}
    elif running > wanted:
        weights = held
    elif running < wanted:
        weights, base = {room.name: room.free for room in rooms}, held
    else:
        return held
    grown = _divided(request, wanted - sum(base.values()), weights, held)
    return {name: base.get(name, 0) + grown.get(name, 0) for name in base.keys() | grown.keys()}


def _divided(request: Request, amount: int, weights: Mapping[str, int], held: Mapping[str, int]) -> dict[str, int]:
    if sum(weights.values()) < amount:
        raise _too_little(sum(weights.values()))
    if division_of(request.placement) is Division.AGGREGATED:
        weights = _fewest(amount, weights, held)
    return webster(amount, weights, request.uid)


def _fewest(amount: int, weights: Mapping[str, int], held: Mapping[str, int]) -> dict[str, int]:
    """As few clusters as hold the amount: those it is in first, then the roomiest."""
    chosen: dict[str, int] = {}
    for name in sorted(weights, key=lambda name: (name not in held, -weights[name], name)):
        if amount <= 0:
            break
        chosen[name] = weights[name]
        amount -= weights[name]
    return chosen


def _too_little(room: int) -> Unschedulable:
    return Unschedulable(f"Clusters available replicas {room} are not enough to schedule.")


_WAYS: dict[Division, Callable[[Request, Sequence[Cluster], Profile], dict[str, int]]] = {
    Division.DUPLICATED: _duplicated,
    Division.STATIC: _static,
    Division.DYNAMIC: _by_capacity,
    Division.AGGREGATED: _by_capacity,
}
