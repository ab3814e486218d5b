"""How many replicas each chosen cluster gets. One function per way of dividing; the arithmetic is in `divide`."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from flotilla_common.errors import Terminal

from ..model.cluster import Cluster
from ..model.policy import Placement
from .capacity import estimator
from .divide import webster
from .profile import DEFAULT, Profile
from .request import Division, Request, division_of
from .snapshot import Snapshot

__all__ = ["Target", "Unschedulable", "assign"]


class Unschedulable(Terminal):
    """The clusters cannot hold what is asked; what runs already stays where it is."""

    reason = "Unschedulable"


class Target(NamedTuple):
    """A cluster in the result. `replicas` is None for what is not divided; `components`: name and replicas of each."""

    name: str
    replicas: int | None = None
    components: tuple[tuple[str, int], ...] = ()


def assign(
    request: Request, clusters: Sequence[Cluster], profile: Profile = DEFAULT, snapshot: Snapshot | None = None
) -> tuple[Target, ...]:
    """Targets sorted by name; clusters that would get no replica are left out, unless the operator wants them kept.

    `clusters` are sorted by name, and of the `snapshot`, if that is given. Raises Unschedulable.
    """
    if not request.is_divisible:
        return tuple(Target(c.name, components=request.share) for c in clusters)
    division = division_of(request.placement)
    if division is Division.DUPLICATED:
        is_sent = request.replicas > 0 or profile.propagate_empty
        return tuple([Target(c.name, request.replicas) for c in clusters]) if is_sent else ()
    shares = _WAYS[division](_Case(request, clusters, profile, snapshot or Snapshot(clusters)))
    if profile.propagate_empty:
        shares = {**dict.fromkeys((c.name for c in clusters), 0), **shares}
    return tuple(Target(name, shares[name]) for name in sorted(shares) if shares[name] > 0 or profile.propagate_empty)


class _Case(NamedTuple):
    """What is to be divided, over which clusters."""

    request: Request
    clusters: Sequence[Cluster]
    profile: Profile
    snapshot: Snapshot


def _static(case: _Case) -> dict[str, int]:
    """By the highest rule that names the cluster, over all replicas: where they were before is forgotten.

    A cluster no rule names gets none, unless no rule names any: then they share evenly, as they do without rules.
    """
    request = case.request
    known = case.snapshot.lasting.of(("weights", request.wish), dict[str, int])
    weights = {}
    for cluster in case.clusters:
        weight = known.get(cluster.name)
        if weight is None:
            weight = known[cluster.name] = _weight(cluster, request.placement)
        if weight:
            weights[cluster.name] = weight
    return webster(request.replicas, weights or {c.name: 1 for c in case.clusters}, request.uid)


def _weight(cluster: Cluster, placement: Placement) -> int:
    scheduling = placement.replica_scheduling
    preference = scheduling.weight_preference if scheduling else None
    rules = (preference.static_weight_list if preference else None) or ()
    return max((rule.weight for rule in rules if rule.target_cluster.matches(cluster)), default=0)


def _by_capacity(case: _Case) -> dict[str, int]:
    """Tier by tier, each filled before the next is touched; without overflow affinities there is one tier."""
    request, tiers = case.request, _tiers(case)
    if len(tiers) <= 1:
        return _scaled(request, request.replicas, tiers[0] if tiers else {})
    shares: dict[str, int] = {}
    for free in tiers:
        left = request.replicas - sum(shares.values())
        most = sum(free.values()) + sum(_held_in(request, free).values())
        shares |= _scaled(request, min(left, most), free)
    if sum(shares.values()) < request.replicas:
        raise _too_little(sum(shares.values()))
    return shares


def _tiers(case: _Case) -> list[dict[str, int]]:
    """What is free in each cluster, of the tiers that have any."""
    request = case.request
    allocatable = estimator(request, case.profile, case.snapshot.fleeting)
    if len(request.tiers()) == 1:
        return [{cluster.name: allocatable(cluster) for cluster in case.clusters}]
    tiers: dict[int, dict[str, int]] = {}
    for cluster in case.clusters:
        tiers.setdefault(request.tier_of(cluster) or 0, {})[cluster.name] = allocatable(cluster)
    return [free for _, free in sorted(tiers.items())]


def _held_in(request: Request, free: Mapping[str, int]) -> dict[str, int]:
    return {name: replicas for name, replicas in request.previous.items() if replicas and name in free}


def _scaled(request: Request, wanted: int, free: Mapping[str, int]) -> dict[str, int]:
    """What runs stays: growth is divided by what is free, shrinkage by what is held. A fresh division starts anew."""
    held = _held_in(request, free)
    running = sum(held.values())
    if request.fresh:
        return _divided(request, wanted, {name: room + held.get(name, 0) for name, room in free.items()}, held)
    if running >= wanted:
        return _divided(request, wanted, held, held) if running > wanted else held
    grown = _divided(request, wanted - running, free, held)
    return {name: held.get(name, 0) + grown.get(name, 0) for name in held.keys() | grown.keys()} if held else grown


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


_WAYS: dict[Division, Callable[[_Case], dict[str, int]]] = {
    Division.STATIC: _static,
    Division.DYNAMIC: _by_capacity,
    Division.AGGREGATED: _by_capacity,
}
