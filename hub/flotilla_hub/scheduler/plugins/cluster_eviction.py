"""What is being moved out of a cluster must not be sent back at once."""

from ...model.cluster import Cluster
from ..request import Request

__all__ = ["filter"]


def filter(request: Request, cluster: Cluster) -> str | None:
    return "cluster(s) is in the process of eviction" if cluster.name in request.evicting else None
