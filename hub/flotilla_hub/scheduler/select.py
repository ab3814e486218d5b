"""Which of the fitting clusters are used: all of them, or as the spread constraints ask. Regions are in `regions`."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from flotilla_common.errors import Terminal

from ..model.cluster import Cluster
from ..model.policy import Placement
from .capacity import estimator
from .memory import Memory
from .profile import DEFAULT, Profile
from .request import Division, Request, division_of

__all__ = [
    "NOT_SELECTABLE",
    "UNLIMITED",
    "Candidate",
    "Groups",
    "NotSelectable",
    "groups_of",
    "is_spread",
    "needs_room",
    "ranked",
    "spread_by_cluster",
]

UNLIMITED = 2**31 - 1
NOT_SELECTABLE = "just support cluster and region spread constraint"


class NotSelectable(Terminal):
    """The spread constraints cannot be met; what runs already stays where it is."""

    reason = "SchedulerError"


class Candidate(NamedTuple):
    """A fitting cluster with what it is ranked by: `available` counts the replicas it already has."""

    cluster: Cluster
    tier: int
    score: int
    available: int

    @property
    def name(self) -> str:
        return self.cluster.name


class Groups(NamedTuple):
    """How many groups of one kind a placement asks for. An absent or zero `maxGroups` means no limit.

    Upstream reads zero as "none at all", which blocks the binding for ever: see `docs/differences.md`.
    """

    least: int
    most: int


def groups_of(placement: Placement, field: str) -> Groups | None:
    """The constraint on `field`; one that names neither field nor label is about clusters."""
    for constraint in placement.spread_constraints or ():
        named = constraint.spread_by_field or ("" if constraint.spread_by_label else "cluster")
        if named == field:
            return Groups(max(constraint.min_groups or 1, 1), constraint.max_groups or UNLIMITED)
    return None


def is_spread(placement: Placement) -> bool:
    """Static weights say themselves where replicas go, so upstream lets them overrule the spread constraints."""
    if not placement.spread_constraints:
        return False
    if division_of(placement) is not Division.STATIC:
        return True
    scheduling = placement.replica_scheduling
    weights = scheduling.weight_preference if scheduling else None
    return weights is not None and not weights.static_weight_list


def needs_room(request: Request) -> bool:
    """Whether the chosen clusters must hold the replicas together; a duplicated workload's copies stand alone."""
    return division_of(request.placement) is not Division.DUPLICATED


def ranked(
    request: Request, clusters: Iterable[Cluster], profile: Profile = DEFAULT, memory: Memory | None = None
) -> list[Candidate]:
    """Best first: tier, score, room, name."""
    allocatable = estimator(request, profile, memory)
    candidates = [
        Candidate(
            cluster=cluster,
            tier=request.tier_of(cluster) or 0,
            score=sum(score(request, cluster) for score in profile.scores),
            available=allocatable(cluster) + request.previous.get(cluster.name, 0),
        )
        for cluster in clusters
    ]
    return sorted(candidates, key=lambda c: (c.tier, -c.score, -c.available, c.name))


def spread_by_cluster(request: Request, candidates: Sequence[Candidate], groups: Groups) -> list[Candidate]:
    """The best `groups.most`; where they lack room, the last make way for roomier ones. Raises NotSelectable."""
    if len(candidates) < groups.least:
        raise NotSelectable("the number of feasible clusters is less than spreadConstraint.MinGroups")
    need = min(len(candidates), groups.most)
    chosen, rest = list(candidates[:need]), list(candidates[need:])
    if not needs_room(request):
        return chosen
    room = sum(c.available for c in chosen)
    for i in reversed(range(need)):
        if room >= request.replicas or not rest:
            break
        best = max(range(len(rest)), key=lambda j: rest[j].available)
        if rest[best].available > chosen[i].available:
            room += rest[best].available - chosen[i].available
            chosen[i], rest[best] = rest[best], chosen[i]
    if room < request.replicas:
        raise NotSelectable(f"no enough resource when selecting {need} clusters")
    return chosen
