"""What one binding asks of the scheduler: the one frozen context that every plugin sees. New inputs are new fields."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from pydantic import ValidationError

from flotilla_common.errors import Invalid
from flotilla_common.objects import GVK, Obj, decode, encode

from ..model.cluster import Cluster
from ..model.policy import Placement
from ..model.selectors import ClusterAffinity
from .grades import Part
from .groups import NOBODY, Company

__all__ = ["Component", "Division", "Request", "division_of", "is_ordered"]


class Division(StrEnum):
    """How the replicas of a workload are spread over the clusters chosen for it."""

    DUPLICATED = "Duplicated"
    STATIC = "static weights"
    DYNAMIC = "dynamic weights"
    AGGREGATED = "Aggregated"


class Component(NamedTuple):
    """One of the pod templates of a workload that has several."""

    name: str
    replicas: int = 0
    requirements: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, part: Mapping[str, Any]) -> Self:
        return cls(str(part.get("name") or ""), part.get("replicas") or 0, part.get("replicaRequirements"))


@dataclass(frozen=True, slots=True)
class Request:
    """`placement_key` stands for the placement where verdicts are remembered; `previous` has replicas by cluster."""

    gvk: GVK
    placement: Placement = field(default_factory=Placement)
    placement_key: bytes = b""
    uid: str = ""
    """Of the template: decides which way ties go."""
    replicas: int = 0
    requirements: Mapping[str, Any] | None = None
    components: tuple[Component, ...] = ()
    previous: Mapping[str, int] = field(default_factory=dict)
    evicting: frozenset[str] = frozenset()
    fresh: bool = False
    """Asked to forget the previous division."""
    term: int = 0
    """Which of `placement.clusterAffinities` is tried."""
    estimates: Mapping[str, int] = field(default_factory=dict)
    """What agents answered when asked how many replicas fit; -1 for no answer."""
    together: frozenset[str] | None = None
    """Clusters the others of its affinity group share; None while there are no others."""
    apart: frozenset[str] = frozenset()
    """Clusters that others of its anti-affinity group are in."""
    assumed: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    """By cluster, pods of others that were promised a place and that its report may not show yet."""

    @classmethod
    def of(
        cls,
        binding: Obj,
        *,
        fresh: bool = False,
        company: Company = NOBODY,
        estimates: Mapping[str, int] = MappingProxyType({}),
    ) -> Self:
        """Raises Invalid when the placement cannot be read, which admission rules out."""
        spec = binding.get("spec") or {}
        resource, key = spec.get("resource") or {}, encode(spec.get("placement") or {})
        return cls(
            gvk=GVK.parse(resource.get("apiVersion", ""), resource.get("kind", "")),
            placement=_placement(key),
            placement_key=key,
            uid=resource.get("uid") or "",
            replicas=spec.get("replicas") or 0,
            requirements=spec.get("replicaRequirements"),
            components=tuple(Component.of(part) for part in spec.get("components") or ()),
            previous={c["name"]: c.get("replicas") or 0 for c in spec.get("clusters") or ()},
            evicting=frozenset(t["fromCluster"] for t in spec.get("gracefulEvictionTasks") or ()),
            fresh=fresh,
            estimates=estimates,
            together=company.together,
            apart=company.apart,
        )

    @property
    def wish(self) -> tuple[Hashable, ...]:
        """What it asks of clusters whatever their room and wherever it is now; bindings that ask the same share it."""
        placement = self.placement_key or self.placement.model_dump_json()
        return placement, self.gvk, self.is_workload, self.term, self.together, self.apart

    @property
    def is_pristine(self) -> bool:
        """Whether nothing of this binding's own bears on which clusters are chosen."""
        return not (self.previous or self.evicting or self.estimates or self.assumed)

    def at_term(self, term: int) -> Self:
        return replace(self, term=term)

    def without_place(self) -> Self:
        """The same wish of a binding that is nowhere yet."""
        return replace(self, previous={}, evicting=frozenset())

    @property
    def is_workload(self) -> bool:
        return self.replicas > 0 or self.requirements is not None or bool(self.components)

    @property
    def is_divisible(self) -> bool:
        """Whether targets get replica counts at all. Several components cannot be split by one number."""
        return (self.replicas > 0 or self.requirements is not None) and len(self.components) <= 1

    @property
    def share(self) -> tuple[tuple[str, int], ...]:
        """What of a workload of several components each of its clusters gets: all of them."""
        return tuple((part.name, part.replicas) for part in self.components) if len(self.components) > 1 else ()

    def tiers(self) -> tuple[ClusterAffinity | None, ...]:
        """The affinity in force, then for a workload those it may overflow into. None admits every cluster."""
        if not self.placement.cluster_affinities:
            return (self.placement.cluster_affinity,)
        term = self.placement.cluster_affinities[self.term]
        overflow = term.overflow_affinities if self.is_workload else None
        return (term, *(o.affinity for o in overflow or ()))

    def tier_of(self, cluster: Cluster) -> int | None:
        """The first tier that admits the cluster; None when none does."""
        if not self.placement.cluster_affinities:
            # Asked for every cluster and wish, and mostly there is nothing to go through.
            only = self.placement.cluster_affinity
            return 0 if only is None or only.matches(cluster) else None
        for tier, affinity in enumerate(self.tiers()):
            if affinity is None or affinity.matches(cluster):
                return tier
        return None


def division_of(placement: Placement) -> Division:
    """An absent `replicaScheduling` means Duplicated; a present one without preference means static equal weights."""
    scheduling = placement.replica_scheduling
    if scheduling is None or scheduling.replica_scheduling_type == "Duplicated":
        return Division.DUPLICATED
    if scheduling.replica_division_preference == "Aggregated":
        return Division.AGGREGATED
    weights = scheduling.weight_preference
    return Division.DYNAMIC if weights is not None and weights.dynamic_weight else Division.STATIC


def is_ordered(placement: Placement) -> bool:
    """Whether one cluster serves alone, and the next when it fails (`strategies.failover`)."""
    return placement.scheduler_strategy is not None and placement.scheduler_strategy.type == "Failover"


@lru_cache(maxsize=1024)
def _placement(key: bytes) -> Placement:
    try:
        return Placement.model_validate(decode(key))
    except ValidationError as err:
        raise Invalid(f"spec.placement cannot be read ({err.error_count()} errors); {err.errors()[0]['msg']}") from err
