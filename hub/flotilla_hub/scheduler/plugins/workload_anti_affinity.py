"""Workloads of one anti-affinity group never share a cluster; one that already does stays."""

from ...model.cluster import Cluster
from ..request import Request

__all__ = ["filter"]


def filter(request: Request, cluster: Cluster) -> str | None:
    if cluster.name in request.apart and cluster.name not in request.previous:
        return "cluster already has workload with the same anti-affinity group"
    return None
