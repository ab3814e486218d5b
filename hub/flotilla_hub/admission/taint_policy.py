"""Admission of ClusterTaintPolicy: conditions that can be read, and taints that a cluster may have."""

from collections.abc import Iterator, Sequence

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from ..model.taint_policy import ConditionMatch, PolicyTaint, TaintPolicySpec
from ..status.cluster import NOT_READY, UNREACHABLE
from .draft import draft_of
from .fields import duplicate, forbidden, invalid, read, required, unknown_sections, unsupported
from .selecting import affinity_errors
from .syntax import not_a_label_key, not_a_label_value

__all__ = ["default", "validate"]

STATUSES = ("False", "True", "Unknown")


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """What is stored instead of `obj`: nothing has a default."""
    return draft_of(obj)


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    spec, errors = read(TaintPolicySpec, obj)
    found = (*unknown_sections(obj), *errors)
    return found if spec is None else (*found, *_spec_errors(spec))


def _spec_errors(spec: TaintPolicySpec) -> Iterator[FieldError]:
    yield from affinity_errors(spec.target_clusters, "spec.targetClusters")
    yield from _condition_errors(spec.add_on_conditions or (), "spec.addOnConditions")
    yield from _condition_errors(spec.remove_on_conditions or (), "spec.removeOnConditions")
    yield from _taint_errors(spec.taints, "spec.taints")


def _condition_errors(matches: Sequence[ConditionMatch], path: str) -> Iterator[FieldError]:
    for i, match in enumerate(matches):
        if not match.condition_type:
            yield required(f"{path}[{i}].conditionType")
        if not match.status_values:
            yield required(f"{path}[{i}].statusValues", "at least one is needed")
        for j, value in enumerate(match.status_values):
            if value not in STATUSES:
                yield unsupported(f"{path}[{i}].statusValues[{j}]", value, STATUSES)


def _taint_errors(taints: Sequence[PolicyTaint], path: str) -> Iterator[FieldError]:
    seen: set[tuple[str, str]] = set()
    for i, taint in enumerate(taints):
        at = f"{path}[{i}]"
        if why := not_a_label_key(taint.key):
            yield invalid(f"{at}.key", taint.key, why)
        if taint.key in (NOT_READY, UNREACHABLE):
            yield forbidden(f"{at}.key", "the hub itself sets and removes it, by the Ready condition")
        if why := not_a_label_value(taint.value):
            yield invalid(f"{at}.value", taint.value, why)
        if taint.effect == "NoExecute":
            yield forbidden(f"{at}.effect", "NoExecute evicts what runs; a policy may only set NoSchedule")
        elif taint.effect != "NoSchedule":
            yield unsupported(f"{at}.effect", taint.effect, ("NoSchedule",))
        if (taint.key, taint.effect) in seen:
            yield duplicate(at, f"{taint.key}:{taint.effect}")
        seen.add((taint.key, taint.effect))
