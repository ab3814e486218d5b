"""ClusterTaintPolicy: taints that clusters get and lose by their conditions."""

from typing import Any, Literal, Self

from pydantic import Field

from flotilla_common.objects import Obj, meta_of, name_of

from .base import Model
from .selectors import ClusterAffinity

__all__ = ["ConditionMatch", "PolicyTaint", "TaintPolicy", "TaintPolicySpec"]


class ConditionMatch(Model):
    condition_type: str
    operator: Literal["In", "NotIn"]
    status_values: tuple[str, ...]


class PolicyTaint(Model):
    key: str
    effect: str
    value: str = ""


class TaintPolicySpec(Model):
    """An absent `targetClusters` means all; an empty list of conditions never holds."""

    target_clusters: ClusterAffinity | None = None
    add_on_conditions: tuple[ConditionMatch, ...] | None = None
    remove_on_conditions: tuple[ConditionMatch, ...] | None = None
    taints: tuple[PolicyTaint, ...] = Field(min_length=1)


class TaintPolicy(Model):
    name: str
    created: str
    spec: TaintPolicySpec

    @classmethod
    def of(cls, obj: Obj) -> Self:
        """Raises pydantic.ValidationError."""
        spec: dict[str, Any] = obj.get("spec") or {}
        created = meta_of(obj).get("creationTimestamp") or ""
        return cls(name=name_of(obj), created=created, spec=TaintPolicySpec.model_validate(spec))
