"""Whether a change of one cluster changes which override rules reach it. Pure."""

from collections.abc import Iterable

from ..model.cluster import Cluster
from ..model.override import OverridePolicy

__all__ = ["is_reached_anew"]


def is_reached_anew(policies: Iterable[OverridePolicy], before: Cluster, after: Cluster) -> bool:
    """Nothing else of a cluster is in its manifests but its name, so when this is False they are what they were."""
    return any(
        rule.target_cluster is not None and rule.target_cluster.matches(before) != rule.target_cluster.matches(after)
        for policy in policies
        for rule in policy.spec.rules
    )
