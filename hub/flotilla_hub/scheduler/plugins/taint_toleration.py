"""Taints with effect NoSchedule or NoExecute keep out what does not tolerate them, but never evict."""

from ...model.cluster import Cluster, Taint
from ...model.policy import Toleration
from ..request import Request

__all__ = ["filter", "tolerates"]

_EFFECTS = ("NoSchedule", "NoExecute")


def filter(request: Request, cluster: Cluster) -> str | None:
    if not cluster.taints or cluster.name in request.previous:
        return None
    tolerations = request.placement.cluster_tolerations or ()
    for taint in cluster.taints:
        if taint.effect in _EFFECTS and not any(tolerates(toleration, taint) for toleration in tolerations):
            return f"cluster(s) had untolerated taint {{{taint}}}"
    return None


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """As Kubernetes has it: an empty effect or key matches every one, and the operator defaults to Equal."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator == "Exists":
        return True
    return bool(toleration.key) and (toleration.value or "") == taint.value
