"""What a binding says about each cluster: replicas, suspension, whether its Work may go. Pure."""

from collections.abc import Mapping

from flotilla_common.objects import Obj, gvk_of, meta_of

from ..scheduler.divide import webster

__all__ = ["clusters_to_keep", "completions_of", "is_suspended_on", "is_workload", "preserved_labels", "targets_of"]


def targets_of(binding: Obj) -> dict[str, int]:
    """Cluster → replicas, of the scheduling result and of the bindings that depend on this one."""
    spec = binding.get("spec") or {}
    own = spec.get("clusters") or ()
    required = (cluster for snapshot in spec.get("requiredBy") or () for cluster in snapshot.get("clusters") or ())
    targets = {cluster["name"]: int(cluster.get("replicas") or 0) for cluster in own}
    for cluster in required:
        targets.setdefault(cluster["name"], int(cluster.get("replicas") or 0))
    return targets


def clusters_to_keep(binding: Obj) -> frozenset[str]:
    """Only Works in other clusters are to be removed: these are the targets, and those being left gracefully."""
    tasks = (binding.get("spec") or {}).get("gracefulEvictionTasks") or ()
    leaving = (task["fromCluster"] for task in tasks if task.get("purgeMode") != "Directly")
    return frozenset((*targets_of(binding), *leaving))


def is_suspended_on(binding: Obj, cluster: str) -> bool:
    """Whether the Work is to be kept back from this cluster."""
    suspension = (binding.get("spec") or {}).get("suspension") or {}
    clusters = (suspension.get("dispatchingOnClusters") or {}).get("clusterNames") or ()
    return bool(suspension.get("dispatching")) or cluster in clusters


def preserved_labels(binding: Obj, cluster: str) -> Mapping[str, str]:
    """What the copy in a failed cluster knew, for the one that takes over alone from a copy that is gone.

    Upstream's conditions: one target, the last eviction was Directly, and it is from before it that the cluster is new.
    """
    spec = binding.get("spec") or {}
    tasks = spec.get("gracefulEvictionTasks") or ()
    if not tasks or len(targets_of(binding)) != 1:
        return {}
    last = tasks[-1]
    if last.get("purgeMode") != "Directly" or cluster in (last.get("clustersBeforeFailover") or ()):
        return {}
    return last.get("preservedLabelState") or {}


def is_workload(binding: Obj) -> bool:
    """Whether the binding counts replicas, so that each cluster's manifest gets its share."""
    spec = binding.get("spec") or {}
    return bool(spec.get("replicas") or spec.get("replicaRequirements"))


def completions_of(binding: Obj, template: Obj) -> Mapping[str, int]:
    """Cluster → completions of a Job whose replicas are divided, in their proportion; empty for everything else."""
    completions = (template.get("spec") or {}).get("completions")
    scheduling = ((binding.get("spec") or {}).get("placement") or {}).get("replicaScheduling") or {}
    votes = targets_of(binding)
    is_divided_job = gvk_of(template)[::2] == ("batch", "Job") and scheduling.get("replicaSchedulingType") == "Divided"
    if not is_divided_job or not completions or not any(votes.values()):
        return {}
    return webster(int(completions), votes, str(meta_of(template).get("uid") or ""))
