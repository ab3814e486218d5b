"""Workloads of one affinity group go where the others of it are; while none is placed, anywhere."""

from ...model.cluster import Cluster
from ..request import Request

__all__ = ["filter"]


def filter(request: Request, cluster: Cluster) -> str | None:
    if request.together is None or cluster.name in request.together or cluster.name in request.previous:
        return None
    return "ResourceBinding with the same affinity group does not target this cluster"
