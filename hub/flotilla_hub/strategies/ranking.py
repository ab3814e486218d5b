"""In which order a strategy goes through the clusters a placement means, and which of them will not do. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..model.cluster import Cluster
from ..model.selectors import ClusterAffinity
from ..scheduler.plugins import Filter
from ..scheduler.plugins.cluster_anti_affinity import is_banned
from ..scheduler.request import Request
from ..scheduler.snapshot import Snapshot

__all__ = ["Ranked", "in_order", "ranking"]


@dataclass(frozen=True, slots=True)
class Ranked:
    """`group`: the affinity group it came from, of several. `why`: what a filter has against it."""

    cluster: Cluster
    group: str = ""
    why: str = ""

    @property
    def name(self) -> str:
        return self.cluster.name


def ranking(request: Request, snapshot: Snapshot, filters: Sequence[Filter]) -> tuple[list[Ranked], Mapping[str, str]]:
    """The clusters some affinity of the placement means and none bans; and of each that will not do, why."""
    found: dict[str, Ranked] = {}
    rejected: dict[str, str] = {}
    for term, group in enumerate(request.placement.cluster_affinities or (None,)):
        asked = request.at_term(term)
        verdict = snapshot.verdict(asked, filters)
        for tier, affinity in enumerate(asked.tiers()):
            members = [c for c in snapshot if not c.terminating and asked.tier_of(c) == tier]
            for name in in_order(affinity, (c.name for c in members)):
                cluster = snapshot.get(name)
                if cluster is not None and name not in found:
                    label = group.affinity_name if group else ""
                    found[name] = Ranked(cluster, label, verdict.rejected.get(name, ""))
        rejected = {**verdict.rejected, **rejected}
    meant = {name: one for name, one in found.items() if not is_banned(request, one.cluster)}
    fitting = {name for name, one in meant.items() if not one.why}
    return list(meant.values()), {name: why for name, why in rejected.items() if name not in fitting}


def in_order(affinity: ClusterAffinity | None, names: Iterable[str]) -> list[str]:
    """First those that `clusterNames` names, in that order; then those found by selectors, by name."""
    named = {name: at for at, name in enumerate((affinity and affinity.cluster_names) or ())}
    return sorted(names, key=lambda name: (named.get(name, len(named)), name))
