"""Admission of FederatedHPA. Its spec is a HorizontalPodAutoscaler's, with the defaults kube-apiserver gives that."""

from collections.abc import Iterator
from typing import Any

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj, copy_of

from .draft import draft_of, fill, section
from .fields import invalid, required, unknown_sections

__all__ = ["default", "validate"]

CPU: dict[str, Any] = {
    "type": "Resource",
    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
}
BY_PERCENT: dict[str, Any] = {"type": "Percent", "value": 100, "periodSeconds": 15}
BY_PODS: dict[str, Any] = {"type": "Pods", "value": 4, "periodSeconds": 15}
UP: dict[str, Any] = {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [BY_PODS, BY_PERCENT]}
DOWN: dict[str, Any] = {"selectPolicy": "Max", "policies": [BY_PERCENT]}


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """What is stored instead of `obj`."""
    draft = draft_of(obj)
    spec = section(draft, "spec")
    fill(spec, {"minReplicas": 1})
    if not spec.get("metrics"):
        spec["metrics"] = [copy_of(CPU)]
    if isinstance(behavior := spec.get("behavior"), dict):
        fill(behavior, {"scaleUp": {}, "scaleDown": {}})
        fill(section(behavior, "scaleUp"), copy_of(UP))
        fill(section(behavior, "scaleDown"), copy_of(DOWN))
    return draft


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    return (*unknown_sections(obj), *_spec_errors(section(obj, "spec")))


def _spec_errors(spec: dict[str, Any]) -> Iterator[FieldError]:
    target = section(spec, "scaleTargetRef")
    for word in (word for word in ("kind", "name") if not target.get(word)):
        yield required(f"spec.scaleTargetRef.{word}")
    low, high = spec.get("minReplicas"), spec.get("maxReplicas")
    if not isinstance(low, int) or low < 1:
        yield invalid("spec.minReplicas", low, "must be greater than or equal to 1")
    elif isinstance(high, int) and high < low:
        yield invalid("spec.maxReplicas", high, "must be greater than or equal to `minReplicas`")
