"""The cluster must be known to serve the kind; a present target is believed to."""

from ...model.cluster import Cluster
from ..request import Request

__all__ = ["filter"]


def filter(request: Request, cluster: Cluster) -> str | None:
    if request.gvk in cluster.apis or cluster.name in request.previous:
        return None
    return "cluster(s) did not have the API resource"
