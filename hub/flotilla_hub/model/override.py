"""OverridePolicy and ClusterOverridePolicy: what to change in a manifest on its way to which clusters."""

from typing import Any, Literal, Self

from pydantic import Field, ValidationError

from flotilla_common.objects import Obj, name_of, namespace_of

from .base import Model, why_unreadable
from .policy import ResourceSelector
from .selectors import ClusterAffinity

__all__ = [
    "CommandArgsOverrider",
    "FieldOverrider",
    "FieldPatch",
    "ImageOverrider",
    "LabelAnnotationOverrider",
    "OverridePolicy",
    "OverrideRule",
    "OverrideSpec",
    "Overriders",
    "Plaintext",
]


class Plaintext(Model):
    """One step of an RFC 6902 patch."""

    path: str
    operator: Literal["add", "remove", "replace"]
    value: Any = None


class ImagePredicate(Model):
    path: str
    """JSON pointer to the one string to change."""


class ImageOverrider(Model):
    """Without `predicate`: the image of every container of a workload."""

    predicate: ImagePredicate | None = None
    component: Literal["Registry", "Repository", "Tag"]
    operator: Literal["add", "remove", "replace"]
    value: str = ""


class CommandArgsOverrider(Model):
    """Adds items to, or removes equal items from, the command or arguments of one container."""

    container_name: str
    operator: Literal["add", "remove"]
    value: tuple[str, ...] = ()


class LabelAnnotationOverrider(Model):
    operator: Literal["add", "remove", "replace"]
    value: dict[str, str] = Field(default_factory=dict)


class FieldPatch(Model):
    """One step inside a document: `subPath` is a JSON pointer into it."""

    sub_path: str
    operator: Literal["add", "remove", "replace"]
    value: Any = None


class FieldOverrider(Model):
    """Patches the JSON or YAML document that the string at `fieldPath` holds."""

    field_path: str
    # Not called `json`: pydantic's BaseModel has a method of that name.
    json_patches: tuple[FieldPatch, ...] | None = Field(default=None, alias="json")
    yaml_patches: tuple[FieldPatch, ...] | None = Field(default=None, alias="yaml")


class Overriders(Model):
    """What a rule changes; `flotilla_hub.override.overriders` holds the order in which."""

    plaintext: tuple[Plaintext, ...] | None = None
    image_overrider: tuple[ImageOverrider, ...] | None = None
    command_overrider: tuple[CommandArgsOverrider, ...] | None = None
    args_overrider: tuple[CommandArgsOverrider, ...] | None = None
    labels_overrider: tuple[LabelAnnotationOverrider, ...] | None = None
    annotations_overrider: tuple[LabelAnnotationOverrider, ...] | None = None
    field_overrider: tuple[FieldOverrider, ...] | None = None


class OverrideRule(Model):
    target_cluster: ClusterAffinity | None = None
    overriders: Overriders


class OverrideSpec(Model):
    resource_selectors: tuple[ResourceSelector, ...] | None = None
    override_rules: tuple[OverrideRule, ...] | None = None
    target_cluster: ClusterAffinity | None = None
    overriders: Overriders | None = None

    @property
    def rules(self) -> tuple[OverrideRule, ...]:
        """The rules, with the deprecated top-level pair read as one of them."""
        if self.override_rules is not None or self.overriders is None:
            return self.override_rules or ()
        return (OverrideRule(target_cluster=self.target_cluster, overriders=self.overriders),)


class OverridePolicy(Model):
    """A policy of either scope: `namespace` is empty for a ClusterOverridePolicy.

    `unreadable`: why this release can make no sense of it. What it selects, as far as that can be read, fails.
    """

    namespace: str
    name: str
    spec: OverrideSpec
    unreadable: str = ""

    @classmethod
    def of(cls, obj: Obj) -> Self:
        """Of one that is stored; admission has seen to its rules."""
        spec, unreadable = _read(obj.get("spec") or {})
        return cls(namespace=namespace_of(obj), name=name_of(obj), spec=spec, unreadable=unreadable)

    @property
    def selectors(self) -> tuple[ResourceSelector, ...] | None:
        """None selects everything."""
        return self.spec.resource_selectors or None


def _read(spec: dict[str, Any]) -> tuple[OverrideSpec, str]:
    """The spec and why it cannot be read; then only its selectors, or none, which select everything."""
    try:
        return OverrideSpec.model_validate(spec), ""
    except ValidationError as err:
        unreadable = why_unreadable(err)
    try:
        selectors = {"resourceSelectors": spec.get("resourceSelectors")}
        return OverrideSpec.model_validate(selectors, extra="ignore"), unreadable
    except ValidationError:
        return OverrideSpec(), unreadable
