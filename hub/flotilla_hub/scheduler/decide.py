"""Choose clusters for one request from one frozen snapshot: filter → score → select → assign. Pure.

The same request over the same clusters always gives the same Decision, and the Decision says why each other cluster was
not chosen. `outcome` turns it into a binding.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..model.cluster import Cluster
from .assign import Target, Unschedulable, assign
from .capacity import asked_of, parts_of
from .profile import DEFAULT, Profile
from .regions import spread_by_region
from .request import Request
from .select import NOT_SELECTABLE, Groups, NotSelectable, groups_of, is_spread, ranked, spread_by_cluster
from .snapshot import Snapshot

__all__ = ["Decision", "Failure", "Target", "decide", "decide_terms", "no_fit"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no result: `reason` is the Scheduled condition's. Only NoClusterFit empties the old result."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Targets by name, or a failure; `rejected` tells of each cluster a filter turned down why."""

    targets: tuple[Target, ...] = ()
    rejected: Mapping[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    affinity_name: str = ""
    """The one of `placement.clusterAffinities` that was used."""


def decide_terms(request: Request, clusters: Iterable[Cluster], first: int = 0, profile: Profile = DEFAULT) -> Decision:
    """The first of the affinity groups, from the `first` on, that gives a result; if none does, the first failure."""
    groups = request.placement.cluster_affinities
    if not groups:
        return decide(request, clusters, profile)
    snapshot, failed = Snapshot.of(clusters), None
    for term in range(first, len(groups)):
        decision = decide(request.at_term(term), snapshot, profile)
        if decision.failure is None:
            return Decision(decision.targets, decision.rejected, affinity_name=groups[term].affinity_name)
        failed = failed or decision
    return failed or decide(request, snapshot, profile)


def decide(request: Request, clusters: Iterable[Cluster], profile: Profile = DEFAULT) -> Decision:
    """Pass the same Snapshot for many requests: what they have in common is then judged once."""
    snapshot = Snapshot.of(clusters)
    fitting, rejected = snapshot.verdict(request, profile.filters)
    if not fitting:
        return Decision(rejected=rejected, failure=no_fit(len(snapshot), rejected))
    try:
        targets = assign(request, _selected(request, fitting, profile, snapshot), profile, snapshot)
    except (Unschedulable, NotSelectable) as err:
        return Decision(rejected=rejected, failure=Failure(err.reason, str(err)))
    # Told as of the result, so that deciding once more, from there, tells the same.
    settled = replace(request, previous={t.name: t.replicas or 0 for t in targets})
    return Decision(targets, snapshot.verdict(settled, profile.filters).rejected)


def _selected(request: Request, fitting: Sequence[Cluster], profile: Profile, snapshot: Snapshot) -> Sequence[Cluster]:
    if not is_spread(request.placement):
        return fitting
    if not request.is_pristine:
        return _spread(request, fitting, profile, snapshot)
    key = ("selected", profile, request.wish, request.replicas, asked_of(parts_of(request, profile)))
    return snapshot.fleeting.of(key, lambda: _spread(request, fitting, profile, snapshot))


def _spread(request: Request, fitting: Sequence[Cluster], profile: Profile, snapshot: Snapshot) -> Sequence[Cluster]:
    placement = request.placement
    regions, clusters = groups_of(placement, "region"), groups_of(placement, "cluster")
    candidates = ranked(request, fitting, profile, snapshot.fleeting)
    if regions is not None:
        chosen = spread_by_region(request, candidates, regions, clusters or Groups(1, len(candidates)))
    elif clusters is not None:
        chosen = spread_by_cluster(request, candidates, clusters)
    else:
        raise NotSelectable(NOT_SELECTABLE)
    return sorted((candidate.cluster for candidate in chosen), key=lambda cluster: cluster.name)


def no_fit(count: int, rejected: Mapping[str, str]) -> Failure:
    reasons = sorted(f"{n} {why}" for why, n in Counter(rejected.values()).items())
    return Failure("NoClusterFit", f"0/{count} clusters are available: {', '.join(reasons) or 'no cluster exists'}.")
