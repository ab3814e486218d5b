"""The cluster must be one the placement means: its affinity, or for a workload one it may overflow into."""

from ...model.cluster import Cluster
from ..request import Request

__all__ = ["filter", "score"]


def filter(request: Request, cluster: Cluster) -> str | None:
    if request.tier_of(cluster) is None:
        return "cluster(s) did not match the placement cluster affinity constraint"
    return None


def score(request: Request, cluster: Cluster) -> int:
    """Being meant is no merit: every cluster that gets here is."""
    return 0
