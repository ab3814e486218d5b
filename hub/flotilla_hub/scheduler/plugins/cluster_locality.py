"""Stay where you are: moving a workload costs more than it gains."""

from ...model.cluster import Cluster
from ..request import Request

__all__ = ["score"]


def score(request: Request, cluster: Cluster) -> int:
    return 100 if cluster.name in request.previous else 0
