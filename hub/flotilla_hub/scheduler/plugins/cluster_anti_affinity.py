"""Our own `placement.clusterAntiAffinity`: never there, and no excuse for having been there before."""

from ...model.cluster import Cluster
from ...model.selectors import ClusterAffinity
from ..request import Request

__all__ = ["filter", "is_banned"]

# An empty selector matches every cluster. As a ban that would empty the fleet, which nobody who writes `{}` means.
_NOTHING = ClusterAffinity()


def filter(request: Request, cluster: Cluster) -> str | None:
    return "cluster(s) matched the placement cluster anti-affinity constraint" if is_banned(request, cluster) else None


def is_banned(request: Request, cluster: Cluster) -> bool:
    banned = request.placement.cluster_anti_affinity
    return banned is not None and banned != _NOTHING and banned.matches(cluster)
