"""Defaults and rules of `spec.placement`: where a template goes and how its replicas are split."""

from collections.abc import Iterator, Sequence
from typing import Any

from flotilla_common.errors import FieldError

from ..model.policy import NamedAffinity, Placement, SpreadConstraint, Toleration
from .draft import fill, maps_in
from .fields import duplicate, forbidden, invalid, required, unsupported
from .selecting import affinity_errors
from .strategy import default_strategy, strategy_errors
from .syntax import not_a_label_key, not_a_label_name

__all__ = ["default_placement", "placement_errors"]

AFFINITY_NAME_LENGTH = 32


def default_placement(placement: dict[str, Any]) -> None:
    for constraint in maps_in(placement, "spreadConstraints"):
        if not constraint.get("spreadByField") and not constraint.get("spreadByLabel"):
            constraint["spreadByField"] = "cluster"
        if not constraint.get("minGroups"):
            constraint["minGroups"] = 1
    if isinstance(scheduling := placement.get("replicaScheduling"), dict):
        fill(scheduling, {"replicaSchedulingType": "Divided"})
        if scheduling["replicaSchedulingType"] == "Divided":
            fill(scheduling, {"replicaDivisionPreference": "Weighted"})
    default_strategy(placement)


def placement_errors(placement: Placement, path: str) -> Iterator[FieldError]:
    if placement.cluster_affinity and placement.cluster_affinities:
        yield forbidden(
            f"{path}.clusterAffinities", "clusterAffinity and clusterAffinities exclude each other; keep one of them"
        )
    yield from affinity_errors(placement.cluster_affinity, f"{path}.clusterAffinity")
    yield from affinity_errors(placement.cluster_anti_affinity, f"{path}.clusterAntiAffinity")
    yield from _affinities_errors(placement, f"{path}.clusterAffinities")
    for i, toleration in enumerate(placement.cluster_tolerations or ()):
        yield from _toleration_errors(toleration, f"{path}.clusterTolerations[{i}]")
    yield from _spread_errors(placement.spread_constraints or (), f"{path}.spreadConstraints")
    yield from _weight_errors(placement, f"{path}.replicaScheduling.weightPreference.staticWeightList")
    yield from _workload_affinity_errors(placement, f"{path}.workloadAffinity")
    yield from strategy_errors(placement, path)


def _affinities_errors(placement: Placement, path: str) -> Iterator[FieldError]:
    seen: set[str] = set()
    for i, term in enumerate(placement.cluster_affinities or ()):
        at = f"{path}[{i}]"
        yield from affinity_errors(term, at)
        yield from _affinity_name_errors(term.affinity_name, seen, f"{at}.affinityName")
        yield from _overflow_errors(placement, term, at)
        for j, overflow in enumerate(term.overflow_affinities or ()):
            inner = f"{at}.overflowAffinities[{j}]"
            yield from affinity_errors(overflow.affinity, f"{inner}.affinity")
            yield from _affinity_name_errors(overflow.affinity_name, seen, f"{inner}.affinityName")


def _affinity_name_errors(name: str, seen: set[str], path: str) -> Iterator[FieldError]:
    if name in seen:
        yield duplicate(path, name)
    seen.add(name)
    if len(name) > AFFINITY_NAME_LENGTH:
        yield invalid(path, name, f"must be no more than {AFFINITY_NAME_LENGTH} characters")
    elif why := not_a_label_name(name):
        yield invalid(path, name, why)


def _overflow_errors(placement: Placement, term: NamedAffinity, at: str) -> Iterator[FieldError]:
    if not term.overflow_affinities:
        return
    if not _divides_by_capacity(placement):
        why = "needs replicaScheduling Divided, Aggregated or Weighted by dynamicWeight: else nothing overflows"
        yield forbidden(f"{at}.overflowAffinities", why)
    if not (term.label_selector or term.field_selector or term.cluster_names or term.exclude):
        yield required(at, "a term that overflows must say which clusters come first")


def _divides_by_capacity(placement: Placement) -> bool:
    scheduling = placement.replica_scheduling
    if scheduling is None or scheduling.replica_scheduling_type != "Divided":
        return False
    weights = scheduling.weight_preference
    return scheduling.replica_division_preference == "Aggregated" or bool(weights and weights.dynamic_weight)


def _toleration_errors(toleration: Toleration, at: str) -> Iterator[FieldError]:
    operator = toleration.operator or "Equal"
    if operator not in ("Equal", "Exists"):
        yield unsupported(f"{at}.operator", operator, ("Equal", "Exists"))
    if not toleration.key and operator != "Exists":
        yield invalid(f"{at}.operator", operator, "must be Exists when `key` is empty, which means all keys and values")
    if toleration.key and (why := not_a_label_key(toleration.key)):
        yield invalid(f"{at}.key", toleration.key, why)
    if toleration.value and operator == "Exists":
        yield invalid(f"{at}.value", toleration.value, "must be empty when `operator` is 'Exists'")
    effects = ("NoSchedule", "PreferNoSchedule", "NoExecute")
    if toleration.effect and toleration.effect not in effects:
        yield unsupported(f"{at}.effect", toleration.effect, effects)
    if toleration.toleration_seconds is not None and toleration.effect != "NoExecute":
        yield invalid(f"{at}.effect", toleration.effect or "", "must be 'NoExecute' when `tolerationSeconds` is set")


def _spread_errors(constraints: Sequence[SpreadConstraint], path: str) -> Iterator[FieldError]:
    fields = [c.spread_by_field for c in constraints if c.spread_by_field]
    for i, constraint in enumerate(constraints):
        at, low, high = f"{path}[{i}]", constraint.min_groups or 0, constraint.max_groups or 0
        if constraint.spread_by_field and constraint.spread_by_label:
            yield forbidden(
                f"{at}.spreadByLabel", "spreadByField and spreadByLabel exclude each other; keep one of them"
            )
        if constraint.spread_by_field in [c.spread_by_field for c in constraints[:i] if c.spread_by_field]:
            yield duplicate(f"{at}.spreadByField", constraint.spread_by_field)
        if low < 0:
            yield invalid(f"{at}.minGroups", low, "must not be negative")
        if high < 0:
            yield invalid(f"{at}.maxGroups", high, "must not be negative")
        if 0 < high < low:
            yield invalid(f"{at}.maxGroups", high, f"must not be lower than minGroups, which is {low}")
    if fields and "cluster" not in fields:
        yield required(
            path, "the cluster spread constraint must be enabled in one of the constraints: add spreadByField: cluster"
        )


def _weight_errors(placement: Placement, path: str) -> Iterator[FieldError]:
    weights = placement.replica_scheduling and placement.replica_scheduling.weight_preference
    for i, rule in enumerate((weights and weights.static_weight_list) or ()):
        yield from affinity_errors(rule.target_cluster, f"{path}[{i}].targetCluster")


def _workload_affinity_errors(placement: Placement, path: str) -> Iterator[FieldError]:
    terms = placement.workload_affinity
    named = {"affinity": terms.affinity, "antiAffinity": terms.anti_affinity} if terms else {}
    keys = {word: term.group_by_label_key for word, term in named.items() if term}
    for word, key in keys.items():
        if why := not_a_label_key(key):
            yield invalid(f"{path}.{word}.groupByLabelKey", key, why)
    if len(keys) == 2 and len(set(keys.values())) == 1:
        why = "must differ from the key of `affinity`: no workload can be both with and apart from one group"
        yield invalid(f"{path}.antiAffinity.groupByLabelKey", keys["antiAffinity"], why)
