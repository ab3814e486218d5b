"""How many replicas of a workload still fit in a cluster: the general estimate, and what agents answered, if asked."""

from collections.abc import Callable, Sequence

from flotilla_common.quantity import units_of

from ..model.cluster import Cluster
from .profile import DEFAULT, Profile
from .request import Request

__all__ = ["UNBOUNDED", "estimator"]

UNBOUNDED = 2**31 - 1
"""What has no replicas fits anywhere."""


def estimator(request: Request, profile: Profile = DEFAULT) -> Callable[[Cluster], int]:
    """How many more replicas of this request each cluster takes: the lowest of the estimates there are."""
    if not request.replicas and not request.components:
        return lambda _: UNBOUNDED
    wanted = _wanted(request)

    def allocatable(cluster: Cluster) -> int:
        general, answer = _general(cluster, wanted), request.estimates.get(cluster.name, -1)
        return general if answer < 0 else min(general, answer)

    return allocatable


def _wanted(request: Request) -> list[tuple[str, int]]:
    resources = (request.requirements or {}).get("resourceRequest") or {}
    wanted = [(name, units_of(name, quantity)) for name, quantity in resources.items()]
    return [("pods", 1), *((name, units) for name, units in wanted if units > 0)]


def _general(cluster: Cluster, wanted: Sequence[tuple[str, int]]) -> int:
    """By the cluster's summed up free resources, as if its nodes were one: none where it has not reported any."""
    free = cluster.free
    return max(0, min(free.get(name, 0) // units for name, units in wanted))
