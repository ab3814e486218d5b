"""What may be in the spec of a ResourceBinding or ClusterResourceBinding: which template goes where."""

from typing import Any, Literal

from pydantic import Field

from .base import Model
from .policy import Failover, Placement, SuspendClusters

__all__ = ["BindingSpec", "Component", "EvictionTask", "TargetCluster"]


class BoundResource(Model):
    """The template."""

    api_version: str
    kind: str
    namespace: str | None = None
    name: str
    uid: str | None = None
    resource_version: str | None = None


class ComponentReplicas(Model):
    name: str
    replicas: int | None = None


class TargetCluster(Model):
    """Where the scheduler put it, and how many replicas there."""

    name: str
    replicas: int | None = None
    components: tuple[ComponentReplicas, ...] | None = None


class Component(Model):
    """One pod template of a workload that has several."""

    name: str
    replicas: int | None = None
    replica_requirements: dict[str, Any] | None = None


class EvictionTask(Model):
    """A cluster that the workload is leaving."""

    from_cluster: str
    purge_mode: Literal["Directly", "Gracefully", "Immediately", "Never"] | None = None
    replicas: int | None = None
    reason: str
    message: str = ""
    producer: str
    grace_period_seconds: int | None = None
    suppress_deletion: bool | None = None
    preserved_label_state: dict[str, str] | None = None
    creation_timestamp: str | None = None
    clusters_before_failover: tuple[str, ...] | None = None


class DependentBinding(Model):
    """A binding that needs this one's template beside its own."""

    namespace: str | None = None
    name: str
    clusters: tuple[TargetCluster, ...] | None = None


class BindingSuspension(Model):
    """As the policy's; `scheduling` is for an external queue."""

    dispatching: bool | None = None
    dispatching_on_clusters: SuspendClusters | None = None
    scheduling: bool | None = None


class SchedulePriority(Model):
    """In the scheduler's queue."""

    priority: int = 0


class BindingSpec(Model):
    resource: BoundResource
    propagate_deps: bool | None = None
    replicas: int | None = Field(default=None, ge=0)
    replica_requirements: dict[str, Any] | None = None
    components: tuple[Component, ...] | None = None
    clusters: tuple[TargetCluster, ...] | None = None
    placement: Placement | None = None
    scheduler_name: str | None = None
    failover: Failover | None = None
    conflict_resolution: Literal["Abort", "Overwrite"] = "Abort"
    preserve_resources_on_deletion: bool | None = None
    schedule_priority: SchedulePriority | None = None
    graceful_eviction_tasks: tuple[EvictionTask, ...] | None = None
    required_by: tuple[DependentBinding, ...] | None = None
    reschedule_triggered_at: str | None = None
    suspension: BindingSuspension | None = None
    workload_affinity_groups: dict[str, str] | None = None
