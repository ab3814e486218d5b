"""Whether a change of one cluster can move the bindings that share a wish. Pure; `controllers/scheduler` asks per wish.

What a binding asks and where it is now decide; two bindings that ask the same differ only in the second. So one answer
serves all bindings of a wish, and a cluster that comes, goes or flaps costs as many answers as there are wishes.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from ..model.cluster import Cluster
from .plugins import Filter, cluster_affinity, cluster_anti_affinity
from .plugins.cluster_anti_affinity import is_banned
from .profile import DEFAULT, Profile
from .request import Division, Request, division_of

__all__ = ["PLAIN", "Impact", "impact", "may_help"]

PLAIN = frozenset(
    (
        "clusterAffinities",
        "clusterAffinity",
        "clusterAntiAffinity",
        "clusterTolerations",
        "replicaScheduling",
        "spreadConstraints",
        "workloadAffinity",
    )
)
"""What a placement may say for its bindings to be judged here. A new field is not among them until it is thought of."""

_MEANT = (cluster_affinity.filter, cluster_anti_affinity.filter)
_ABSENT = "not there, or not meant"


class Impact(NamedTuple):
    """Whether the settled bindings of a wish are to be looked at: those in the cluster, and those that are not."""

    on_targets: bool
    on_others: bool


def impact(request: Request, before: Cluster | None, after: Cluster | None, profile: Profile = DEFAULT) -> Impact:
    """`request` is what the bindings ask, wherever they are; None for a cluster before it joined or after it left.

    Speaks of bindings that were scheduled with success on the clusters before; of the others `may_help` does. Free
    resources are no reason to move, so they do not count; nor does a cluster that was not meant
    and is not: of that, `outcome.REJECTED` may tell as of the last decision.
    """
    if request.is_workload and division_of(request.placement) is not Division.DUPLICATED:
        # A divided result stands as long as every part of it has its cluster, and may have it.
        is_lost = after is None or after.terminating or is_banned(request, after)
        return Impact(is_lost, False)
    at_home = _at_home(request, before, after)
    return Impact(
        _may_move(at_home, before, after, profile.filters), _may_move(request, before, after, profile.filters)
    )


def may_help(
    request: Request,
    before: Cluster | None,
    after: Cluster | None,
    profile: Profile = DEFAULT,
    *,
    lacks_room: bool = False,
) -> bool:
    """Whether bindings that ask this and have no place, or too little, may now get it, or another answer why not.

    `lacks_room`: clusters that fit have been found, so one of them that grows may help. Whoever comes or goes counts,
    as the answer says how many there are.
    """
    if (before is None) != (after is None):
        return True
    if any(_may_move(r, before, after, profile.filters) for r in (request, _at_home(request, before, after))):
        return True
    return lacks_room and _has_grown(before, after) and _fits(request, after, profile.filters)


def _at_home(request: Request, before: Cluster | None, after: Cluster | None) -> Request:
    """The same wish of a binding that is in the cluster."""
    cluster = after or before
    return replace(request, previous={cluster.name if cluster is not None else "": 0})


def _has_grown(before: Cluster | None, after: Cluster | None) -> bool:
    if before is None or after is None:
        return after is not None
    if after.grades != before.grades:
        return True  # which of two ways to be full is roomier depends on who asks
    return any(units > before.free.get(name, 0) for name, units in after.free.items())


def _fits(request: Request, cluster: Cluster | None, filters: Sequence[Filter]) -> bool:
    terms = range(len(request.placement.cluster_affinities or ()) or 1)
    return any(_standing(request.at_term(term), cluster, filters) is None for term in terms)


def _may_move(request: Request, before: Cluster | None, after: Cluster | None, filters: Sequence[Filter]) -> bool:
    terms = range(len(request.placement.cluster_affinities or ()) or 1)
    return any(_differs(request.at_term(term), before, after, filters) for term in terms)


def _differs(request: Request, before: Cluster | None, after: Cluster | None, filters: Sequence[Filter]) -> bool:
    now = _standing(request, after, filters)
    return now != _standing(request, before, filters) or (now is None and _grouped(before) != _grouped(after))


def _standing(request: Request, cluster: Cluster | None, filters: Sequence[Filter]) -> str | None:
    """None for a cluster that would take it, else why not."""
    if cluster is None or cluster.terminating:
        return _ABSENT
    for rule in filters:
        if (why := rule(request, cluster)) is not None:
            return _ABSENT if rule in _MEANT else why
    return None


def _grouped(cluster: Cluster | None) -> tuple[object, ...]:
    """What clusters that fit are chosen and weighed by."""
    return (cluster.labels, cluster.provider, cluster.region, cluster.zones) if cluster is not None else ()
