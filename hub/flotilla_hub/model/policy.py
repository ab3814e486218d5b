"""PropagationPolicy and ClusterPropagationPolicy: which templates go where. One shape, two scopes."""

from typing import Any, Literal, Self

from pydantic import Field, ValidationError

from flotilla_common.objects import Obj, labels_of, meta_of, name_of, namespace_of

from ..labels import CLUSTER_POLICY_MARKS, POLICY_MARKS
from .base import Model, why_unreadable
from .selectors import ClusterAffinity, LabelSelector

__all__ = [
    "Placement",
    "Policy",
    "PropagationSpec",
    "ReplicaScheduling",
    "ResourceSelector",
    "SpreadConstraint",
    "StaticWeight",
]


class ResourceSelector(Model):
    """Which templates: kind-only selects all, `name` outranks `labelSelector`."""

    api_version: str
    kind: str
    namespace: str | None = None
    name: str | None = None
    label_selector: LabelSelector | None = None


class NamedAffinity(ClusterAffinity):
    affinity_name: str
    overflow_affinities: tuple["OverflowAffinity", ...] | None = None


class OverflowAffinity(Model):
    affinity_name: str
    affinity: ClusterAffinity | None = None


class Toleration(Model):
    key: str | None = None
    operator: str | None = None
    value: str | None = None
    effect: str | None = None
    toleration_seconds: int | None = None


class SpreadConstraint(Model):
    spread_by_field: Literal["cluster", "region", "zone", "provider"] | None = None
    spread_by_label: str | None = None
    max_groups: int | None = None
    min_groups: int | None = None


class StaticWeight(Model):
    """`weight` for each cluster meant; a cluster that several rules mean has the greatest of their weights."""

    target_cluster: ClusterAffinity = ClusterAffinity()
    weight: int = Field(ge=1)


class WeightPreference(Model):
    static_weight_list: tuple[StaticWeight, ...] | None = None
    dynamic_weight: Literal["AvailableReplicas"] | None = None


class ReplicaScheduling(Model):
    replica_scheduling_type: Literal["Duplicated", "Divided"] = "Divided"
    replica_division_preference: Literal["Aggregated", "Weighted"] | None = None
    weight_preference: WeightPreference | None = None


class GroupTerm(Model):
    group_by_label_key: str


class WorkloadAffinity(Model):
    """Workloads that share a label's value go together, or stay apart."""

    affinity: GroupTerm | None = None
    anti_affinity: GroupTerm | None = None


class RollingUpdate(Model):
    """How many clusters at a time, as a number or a percentage of the clusters placed."""

    max_unavailable: int | str | None = None
    max_surge: int | str | None = None
    progress_deadline_seconds: int | None = None
    revision_history_limit: int | None = None


class Takeover(Model):
    """When the serving cluster is given up, and whether it is returned to. All in seconds; see docs/strategies.md."""

    toleration_seconds: int | None = None
    unhealthy_seconds: int | None = None
    return_to_preferred: bool = False
    return_delay_seconds: int = 300


class SchedulerStrategy(Model):
    """Our own: how a workload, or a change of it, gets to the clusters."""

    type: Literal["Failover", "RollingUpdate"]
    failover: Takeover | None = None
    rolling_update: RollingUpdate | None = None


class Placement(Model):
    """Where. `replicaScheduling` absent means Duplicated; present but empty means Divided (upstream's default)."""

    cluster_affinity: ClusterAffinity | None = None
    cluster_affinities: tuple[NamedAffinity, ...] | None = None
    cluster_tolerations: tuple[Toleration, ...] | None = None
    spread_constraints: tuple[SpreadConstraint, ...] | None = None
    replica_scheduling: ReplicaScheduling | None = None
    workload_affinity: WorkloadAffinity | None = None
    cluster_anti_affinity: ClusterAffinity | None = None
    """Our own: clusters the workload must never run in."""
    scheduler_strategy: SchedulerStrategy | None = None
    """Our own: one cluster after the other, or one wave of clusters after the other."""


class DecisionConditions(Model):
    toleration_seconds: int | None = None


class StatePreservationRule(Model):
    alias_label_name: str
    json_path: str


class StatePreservation(Model):
    rules: tuple[StatePreservationRule, ...] = ()


class ApplicationFailover(Model):
    decision_conditions: DecisionConditions
    purge_mode: Literal["Directly", "Gracefully", "Never"] = "Gracefully"
    grace_period_seconds: int | None = None
    state_preservation: StatePreservation | None = None


class ClusterFailover(Model):
    purge_mode: Literal["Directly", "Gracefully"] = "Gracefully"
    state_preservation: StatePreservation | None = None


class Failover(Model):
    """What to do with an unhealthy application, or with one in a failed cluster."""

    application: ApplicationFailover | None = None
    cluster: ClusterFailover | None = None


class SuspendClusters(Model):
    cluster_names: tuple[str, ...] | None = None


class Suspension(Model):
    """Works already sent stay as they are while suspended; new ones wait."""

    dispatching: bool | None = None
    dispatching_on_clusters: SuspendClusters | None = None


class SchedulePriority(Model):
    priority_class_source: Literal["KubePriorityClass"]
    priority_class_name: str


class PropagationSpec(Model):
    resource_selectors: tuple[ResourceSelector, ...] = Field(min_length=1)
    association: bool | None = None
    propagate_deps: bool = False
    placement: Placement = Placement()
    priority: int = 0
    preemption: Literal["Always", "Never"] = "Never"
    dependent_overrides: tuple[str, ...] | None = None
    scheduler_name: str = "default-scheduler"
    failover: Failover | None = None
    conflict_resolution: Literal["Abort", "Overwrite"] = "Abort"
    activation_preference: Literal["Lazy", ""] = ""
    suspension: Suspension | None = None
    preserve_resources_on_deletion: bool | None = None
    schedule_priority: SchedulePriority | None = None

    @property
    def follows_dependencies(self) -> bool:
        """`association` is the older name of `propagateDeps`."""
        return self.propagate_deps or bool(self.association)


class Policy(Model):
    """A policy of either scope: `namespace` is empty for a ClusterPropagationPolicy; `raw` is the spec as submitted.

    `unreadable`: why this release can make no sense of it. It then selects nothing, and holds what it has claimed.
    """

    namespace: str
    name: str
    permanent_id: str
    deleting: bool
    spec: PropagationSpec
    raw: dict[str, Any]
    unreadable: str = ""

    @classmethod
    def of(cls, obj: Obj) -> Self:
        """Of one that is stored; admission has seen to its rules."""
        namespace = namespace_of(obj)
        marks = POLICY_MARKS if namespace else CLUSTER_POLICY_MARKS
        spec, unreadable = _read(obj.get("spec") or {})
        return cls(
            namespace=namespace,
            name=name_of(obj),
            permanent_id=labels_of(obj).get(marks.permanent_id, ""),
            deleting=bool(meta_of(obj).get("deletionTimestamp")),
            spec=spec,
            raw=obj.get("spec") or {},
            unreadable=unreadable,
        )

    @property
    def selectors(self) -> tuple[ResourceSelector, ...]:
        return self.spec.resource_selectors


def _read(spec: dict[str, Any]) -> tuple[PropagationSpec, str]:
    """The spec and why it cannot be read; it then says nothing.

    A field that only a newer release knows counts too: passing it over might select more, or place it elsewhere.
    """
    try:
        return PropagationSpec.model_validate(spec), ""
    except ValidationError as err:
        return PropagationSpec.model_construct(resource_selectors=()), why_unreadable(err)
