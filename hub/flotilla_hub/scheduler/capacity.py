"""How many replicas of a workload still fit in a cluster: the general estimate, and what agents answered, if asked.

A workload of several components that must be in one cluster is counted in whole sets of them instead.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

from flotilla_common.quantity import units_of

from ..model.cluster import Cluster
from .grades import Part, Pods, is_modelled, sets_on
from .memory import Memory
from .profile import DEFAULT, Profile
from .request import Request

__all__ = ["UNBOUNDED", "asked_of", "counts_sets", "estimator", "parts_of", "pod_of"]

UNBOUNDED = 2**31 - 1
"""What has no replicas fits anywhere."""

_POD = "pods"


def estimator(request: Request, profile: Profile = DEFAULT, memory: Memory | None = None) -> Callable[[Cluster], int]:
    """How many more replicas, or sets, of this request each cluster takes: the lowest of the estimates there are.

    `memory`: of the clusters as they are now; pods that ask alike are then estimated once.
    """
    if not request.replicas and not request.components:
        return lambda _: UNBOUNDED
    parts = parts_of(request, profile)
    general, assumed, estimates = _General(parts, profile.has_models), request.assumed, request.estimates
    rooms = (memory or Memory()).of(("rooms", profile.has_models, asked_of(parts)), dict[str, int])

    def summed_up(cluster: Cluster) -> int:
        room = rooms.get(cluster.name)
        if room is None:
            room = rooms[cluster.name] = general.room(cluster, ())
        return room

    if not assumed and not estimates:
        return summed_up

    def allocatable(cluster: Cluster) -> int:
        taken, answer = assumed.get(cluster.name, ()), estimates.get(cluster.name, -1)
        room = general.room(cluster, taken) if taken else summed_up(cluster)
        return room if answer < 0 else min(room, answer)

    return allocatable


def asked_of(parts: Sequence[Part]) -> Hashable:
    """By which parts that ask alike are known."""
    return tuple((part.number, *part.pod.items()) for part in parts)


def counts_sets(request: Request, profile: Profile) -> bool:
    """Whether the request is for whole sets of components: only what must be in exactly one cluster is, as upstream."""
    placement = request.placement
    if not profile.has_components or len(request.components) <= 1 or placement.cluster_affinities:
        return False
    return any(
        (c.spread_by_field or "cluster", c.min_groups, c.max_groups) == ("cluster", 1, 1) and not c.spread_by_label
        for c in placement.spread_constraints or ()
    )


def parts_of(request: Request, profile: Profile) -> tuple[Part, ...]:
    """What one replica, or one set, is made of."""
    if counts_sets(request, profile):
        return tuple(Part(c.replicas, pod_of(c.requirements)) for c in request.components if c.replicas)
    return (Part(1, pod_of(request.requirements)),)


def pod_of(requirements: Mapping[str, Any] | None) -> Pods:
    """What one pod asks for. Raises Invalid."""
    resources = (requirements or {}).get("resourceRequest") or {}
    wanted = {name: units_of(name, quantity) for name, quantity in resources.items()}
    return {_POD: 1, **{name: units for name, units in wanted.items() if units > 0}}


class _General:
    """By a cluster's summed up free resources, as if its nodes were one; by the grades of its nodes, where known."""

    def __init__(self, parts: tuple[Part, ...], has_models: bool) -> None:
        self._parts = parts
        self._wanted = _sum(parts)
        self._counts_replicas = len(parts) == 1 and parts[0].number == 1
        self._reads_grades = has_models and self._wanted.keys() > {_POD}

    def room(self, cluster: Cluster, taken: Sequence[Part]) -> int:
        """None where the cluster has not reported any."""
        free = _without(cluster.free, _sum(taken)) if taken else cluster.free
        pods = free.get(_POD, 0) // self._wanted.get(_POD, 1)
        if pods <= 0:
            return 0
        if not self._reads_grades or not is_modelled(cluster.grades, self._parts):
            return self._summed(free)
        # Of single replicas the grades know better than the sum; of sets both must hold. So it is upstream.
        most = pods if self._counts_replicas else self._summed(free)
        return sets_on(cluster.grades, self._parts, most, taken)

    def _summed(self, free: Mapping[str, int]) -> int:
        return max(0, min((free.get(name, 0) // units for name, units in self._wanted.items()), default=free[_POD]))


def _without(free: Mapping[str, int], taken: Mapping[str, int]) -> Mapping[str, int]:
    return {name: units - taken.get(name, 0) for name, units in free.items()}


def _sum(parts: Iterable[Part]) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for number, pod in parts:
        for name, units in pod.items():
            wanted[name] = wanted.get(name, 0) + units * number
    return wanted
