"""Whether a decision depends on how much room single nodes have, and then whose agents are to be asked what."""

from dataclasses import dataclass
from typing import NamedTuple

from flotilla_common.errors import Invalid
from flotilla_common.messages import COMPONENTS, REPLICAS
from flotilla_common.objects import Obj, encode

from ..model.cluster import Cluster
from .capacity import counts_sets
from .due import first_term, is_ours, is_reschedule_asked, why_due
from .groups import NOBODY, Company
from .profile import Profile
from .request import Division, Request, division_of, is_ordered
from .select import is_spread
from .snapshot import Snapshot

__all__ = ["Estimating", "Question", "looks_at_room", "question_of"]


@dataclass(frozen=True)
class Estimating:
    """What the operator has settled about estimates: upstream's flags of its scheduler."""

    timeout: float = 3.0
    """Seconds for which answers are waited for."""
    pull: bool = True
    """Whether clusters in Pull mode are asked, too."""
    quotas: bool = False
    """Whether the members' ResourceQuotas bound what is answered."""


class Question(NamedTuple):
    clusters: tuple[str, ...]
    what: str
    """REPLICAS, COMPONENTS or UNSCHEDULABLE."""
    body: bytes
    """As in `EstimateRequest`."""
    quotas: bool = False


def question_of(
    binding: Obj, snapshot: Snapshot, profile: Profile, estimating: Estimating, company: Company = NOBODY
) -> Question | None:
    """None when nothing is to be decided now, when no room is looked at, or when there is nobody to ask."""
    if not is_ours(binding, profile.scheduler_name):
        return None
    fresh = is_reschedule_asked(binding)
    try:
        request = Request.of(binding, fresh=fresh, company=company)
    except Invalid:
        return None  # the decision will say so
    if not looks_at_room(request) or why_due(binding, request, snapshot) is None:
        return None
    clusters = _candidates(request, snapshot, profile, estimating, first_term(binding, fresh=fresh))
    return Question(clusters, *_asked(binding, request, profile, estimating)) if clusters else None


def looks_at_room(request: Request) -> bool:
    if not request.replicas and not request.components:
        return False
    by_capacity = division_of(request.placement) in (Division.DYNAMIC, Division.AGGREGATED)
    return is_spread(request.placement) or (by_capacity and request.is_divisible and not is_ordered(request.placement))


def _candidates(
    request: Request, snapshot: Snapshot, profile: Profile, estimating: Estimating, first: int
) -> tuple[str, ...]:
    """Those that may be chosen, in whichever affinity group it will be; what is not Ready has nobody to answer."""
    terms = range(first, len(request.placement.cluster_affinities or ())) or (0,)
    found: dict[str, Cluster] = {}
    for term in terms:
        fitting, _ = snapshot.verdict(request.at_term(term), profile.filters)
        found |= {cluster.name: cluster for cluster in fitting}
    modes = ("Push", "Pull") if estimating.pull else ("Push",)
    return tuple(name for name, c in found.items() if c.ready == "True" and c.sync_mode in modes)


def _asked(binding: Obj, request: Request, profile: Profile, estimating: Estimating) -> tuple[str, bytes, bool]:
    spec = binding["spec"]
    if counts_sets(request, profile):
        return COMPONENTS, encode({"components": spec["components"]}), False
    return REPLICAS, encode({"replicaRequirements": spec.get("replicaRequirements") or {}}), estimating.quotas
