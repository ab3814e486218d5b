"""Admission of PropagationPolicy and ClusterPropagationPolicy: upstream's defaults, and its rules."""

from collections.abc import Iterator

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from ..labels import CLUSTER_POLICY_FINALIZER, CLUSTER_POLICY_MARKS, POLICY_FINALIZER, POLICY_MARKS
from ..model.policy import ApplicationFailover, PropagationSpec
from .draft import draft_of, fill, give_finalizer, give_label, label_in, maps_in, namespace_in, section
from .fields import forbidden, immutable, invalid, read, required, unknown_sections
from .placement import default_placement, placement_errors
from .selecting import default_selectors, resource_selector_errors
from .syntax import not_a_label_name

__all__ = ["default", "validate"]

DEFAULTS = {"conflictResolution": "Abort", "preemption": "Never", "priority": 0, "schedulerName": "default-scheduler"}


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """What is stored instead of `obj`. `now` is not used: nothing here has a time."""
    draft = draft_of(obj)
    wide = _is_cluster_wide(obj)
    give_label(draft, (CLUSTER_POLICY_MARKS if wide else POLICY_MARKS).permanent_id, new_id, old)
    give_finalizer(draft, CLUSTER_POLICY_FINALIZER if wide else POLICY_FINALIZER)
    spec = section(draft, "spec")
    fill(spec, DEFAULTS)
    if any(_is_service_import(s.get("apiVersion"), s.get("kind")) for s in maps_in(spec, "resourceSelectors")):
        spec["propagateDeps"] = True  # an imported service is nothing without its endpoint slices
    default_selectors(draft)
    default_placement(section(spec, "placement"))
    _default_failover(section(spec, "failover"))
    return draft


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    """Every broken rule of a defaulted policy; `old` is what is stored, None on create."""
    spec, errors = read(PropagationSpec, obj)
    found = (*unknown_sections(obj), *errors, *_identity_errors(obj, old))
    return found if spec is None else (*found, *_spec_errors(spec, obj, old))


def _default_failover(failover: dict[str, object]) -> None:
    if isinstance(application := failover.get("application"), dict):
        fill(application, {"purgeMode": "Gracefully"})
        fill(section(application, "decisionConditions"), {"tolerationSeconds": 300})
        if application["purgeMode"] == "Gracefully":
            fill(application, {"gracePeriodSeconds": 600})
    if isinstance(cluster := failover.get("cluster"), dict):
        fill(cluster, {"purgeMode": "Gracefully"})


def _identity_errors(obj: Obj, old: Obj | None) -> Iterator[FieldError]:
    label = (CLUSTER_POLICY_MARKS if _is_cluster_wide(obj) else POLICY_MARKS).permanent_id
    value, before = label_in(obj, label), label_in(old, label)
    if not value:
        yield required(f"metadata.labels[{label}]", "templates are claimed under this id")
    elif before and value != before:
        yield immutable(f"metadata.labels[{label}]", value)


def _spec_errors(spec: PropagationSpec, obj: Obj, old: Obj | None) -> Iterator[FieldError]:
    yield from resource_selector_errors(spec.resource_selectors, namespace_in(obj), "spec.resourceSelectors")
    yield from placement_errors(spec.placement, "spec.placement")
    yield from _preemption_errors(spec)
    if old is not None and spec.scheduler_name != section(old, "spec").get("schedulerName", spec.scheduler_name):
        yield immutable("spec.schedulerName", spec.scheduler_name)
    if any(_is_service_import(s.api_version, s.kind) for s in spec.resource_selectors) and not spec.propagate_deps:
        yield invalid(
            "spec.propagateDeps", False, "must be true for a ServiceImport: its endpoint slices are dependencies"
        )
    if spec.failover and spec.failover.application:
        if not spec.propagate_deps:
            why = "must be true when failover.application is set: what moves needs its dependencies with it"
            yield invalid("spec.propagateDeps", False, why)
        yield from _failover_errors(spec.failover.application, "spec.failover.application")
    suspension = spec.suspension
    if (
        suspension
        and suspension.dispatching
        and suspension.dispatching_on_clusters
        and suspension.dispatching_on_clusters.cluster_names
    ):
        why = "dispatching: true already suspends every cluster; keep one of the two"
        yield forbidden("spec.suspension.dispatchingOnClusters", why)


def _preemption_errors(spec: PropagationSpec) -> Iterator[FieldError]:
    for i, selector in enumerate(spec.resource_selectors if spec.preemption == "Always" else ()):
        if not selector.name:
            yield required(
                f"spec.resourceSelectors[{i}].name", "a policy with preemption: Always must name what it takes over"
            )


def _failover_errors(failover: ApplicationFailover, path: str) -> Iterator[FieldError]:
    seconds = failover.decision_conditions.toleration_seconds
    if seconds is not None and seconds < 0:
        yield invalid(f"{path}.decisionConditions.tolerationSeconds", seconds, "must not be negative")
    grace = failover.grace_period_seconds
    if grace is not None and failover.purge_mode != "Gracefully":
        yield forbidden(f"{path}.gracePeriodSeconds", "only takes effect when purgeMode is Gracefully")
    elif grace is not None and grace <= 0:
        yield invalid(f"{path}.gracePeriodSeconds", grace, "must be greater than 0")
    for i, rule in enumerate(failover.state_preservation.rules if failover.state_preservation else ()):
        if why := not_a_label_name(rule.alias_label_name):
            yield invalid(f"{path}.statePreservation.rules[{i}].aliasLabelName", rule.alias_label_name, why)


def _is_cluster_wide(obj: Obj) -> bool:
    kind = obj.get("kind")
    return kind == "ClusterPropagationPolicy" if kind else not namespace_in(obj)


def _is_service_import(api_version: object, kind: object) -> bool:
    return (api_version, kind) == ("multicluster.x-k8s.io/v1alpha1", "ServiceImport")
