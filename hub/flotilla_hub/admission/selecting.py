"""Rules for everything that selects, shared by the policies: resources, labels, clusters."""

from collections.abc import Iterator, Sequence

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from ..model.policy import ResourceSelector
from ..model.selectors import ClusterAffinity, LabelSelector, Requirement
from .draft import maps_in, namespace_in, section
from .fields import forbidden, invalid, required, unsupported
from .syntax import not_a_label_key, not_a_label_value

__all__ = ["affinity_errors", "default_selectors", "label_selector_errors", "resource_selector_errors"]

CLUSTER_FIELDS = ("provider", "region", "zone")


def default_selectors(draft: Obj) -> None:
    """A namespaced policy selects in its own namespace."""
    namespace = namespace_in(draft)
    for selector in maps_in(section(draft, "spec"), "resourceSelectors"):
        if namespace and not selector.get("namespace"):
            selector["namespace"] = namespace


def resource_selector_errors(selectors: Sequence[ResourceSelector], namespace: str, path: str) -> Iterator[FieldError]:
    """`namespace`: the policy's own, empty for a cluster-wide one, which may select anywhere."""
    for i, selector in enumerate(selectors):
        at = f"{path}[{i}]"
        if not selector.api_version:
            yield required(f"{at}.apiVersion")
        if not selector.kind:
            yield required(f"{at}.kind")
        if namespace and selector.namespace not in (namespace, None, ""):
            why = f"must be {namespace!r}, the policy's own namespace; a cluster-wide policy can select in another"
            yield invalid(f"{at}.namespace", selector.namespace, why)
        yield from label_selector_errors(selector.label_selector, f"{at}.labelSelector")


def label_selector_errors(selector: LabelSelector | None, path: str) -> Iterator[FieldError]:
    if selector is None:
        return
    for key, value in (selector.match_labels or {}).items():
        if why := not_a_label_key(key):
            yield invalid(f"{path}.matchLabels", key, why)
        if why := not_a_label_value(value):
            yield invalid(f"{path}.matchLabels[{key}]", value, why)
    for i, requirement in enumerate(selector.match_expressions or ()):
        at = f"{path}.matchExpressions[{i}]"
        if why := not_a_label_key(requirement.key):
            yield invalid(f"{at}.key", requirement.key, why)
        yield from _requirement_errors(requirement, at)


def affinity_errors(affinity: ClusterAffinity | None, path: str) -> Iterator[FieldError]:
    if affinity is None:
        return
    yield from label_selector_errors(affinity.label_selector, f"{path}.labelSelector")
    fields = affinity.field_selector.match_expressions if affinity.field_selector else None
    for i, requirement in enumerate(fields or ()):
        at = f"{path}.fieldSelector.matchExpressions[{i}]"
        if requirement.key not in CLUSTER_FIELDS:
            yield unsupported(f"{at}.key", requirement.key, CLUSTER_FIELDS)
        if requirement.operator not in ("In", "NotIn"):
            yield unsupported(f"{at}.operator", requirement.operator, ("In", "NotIn"))
        else:
            yield from _requirement_errors(requirement, at)


def _requirement_errors(requirement: Requirement, at: str) -> Iterator[FieldError]:
    takes_values = requirement.operator in ("In", "NotIn")
    if takes_values and not requirement.values:
        yield required(f"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    if not takes_values and requirement.values:
        yield forbidden(f"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
