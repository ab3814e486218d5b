"""Admission of OverridePolicy and ClusterOverridePolicy: the rules each overrider's arguments must keep."""

from collections.abc import Iterator, Sequence

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from ..model.override import FieldOverrider, FieldPatch, LabelAnnotationOverrider, Overriders, OverrideSpec
from .draft import draft_of, namespace_in
from .fields import forbidden, invalid, read, required, unknown_sections
from .selecting import affinity_errors, default_selectors, resource_selector_errors
from .syntax import not_a_label_key, not_a_label_value, not_a_pointer, not_an_annotation_key

__all__ = ["default", "validate"]


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """What is stored instead of `obj`; nothing in it depends on the time, an id or what was stored."""
    draft = draft_of(obj)
    default_selectors(draft)
    return draft


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    spec, errors = read(OverrideSpec, obj)
    found = (*unknown_sections(obj), *errors)
    return found if spec is None else (*found, *_spec_errors(spec, namespace_in(obj)))


def _spec_errors(spec: OverrideSpec, namespace: str) -> Iterator[FieldError]:
    yield from resource_selector_errors(spec.resource_selectors or (), namespace, "spec.resourceSelectors")
    deprecated = {"targetCluster": spec.target_cluster, "overriders": spec.overriders}
    if spec.override_rules is not None:
        for word in (w for w, value in deprecated.items() if value is not None):
            yield forbidden(f"spec.{word}", "may not be set together with overrideRules; move it into a rule")
    yield from affinity_errors(spec.target_cluster, "spec.targetCluster")
    if spec.overriders:
        yield from _overriders_errors(spec.overriders, "spec.overriders")
    for i, rule in enumerate(spec.override_rules or ()):
        yield from affinity_errors(rule.target_cluster, f"spec.overrideRules[{i}].targetCluster")
        yield from _overriders_errors(rule.overriders, f"spec.overrideRules[{i}].overriders")


def _overriders_errors(overriders: Overriders, path: str) -> Iterator[FieldError]:
    for i, step in enumerate(overriders.plaintext or ()):
        yield from _pointer_errors(step.path, f"{path}.plaintext[{i}].path")
    for i, image in enumerate(overriders.image_overrider or ()):
        at = f"{path}.imageOverrider[{i}]"
        if image.predicate:
            yield from _pointer_errors(image.predicate.path, f"{at}.predicate.path")
        if image.operator != "remove" and not image.value:
            yield required(f"{at}.value", f"nothing to {image.operator}")
    for i, field in enumerate(overriders.field_overrider or ()):
        yield from _field_errors(field, f"{path}.fieldOverrider[{i}]")
    yield from _pair_errors(overriders.labels_overrider or (), f"{path}.labelsOverrider", is_label=True)
    yield from _pair_errors(overriders.annotations_overrider or (), f"{path}.annotationsOverrider", is_label=False)


def _pair_errors(overriders: Sequence[LabelAnnotationOverrider], path: str, *, is_label: bool) -> Iterator[FieldError]:
    for i, overrider in enumerate(overriders):
        at = f"{path}[{i}].value"
        for key, value in overrider.value.items():
            if why := not_a_label_key(key) if is_label else not_an_annotation_key(key):
                yield invalid(at, key, why)
            if is_label and (why := not_a_label_value(value)):
                yield invalid(f"{at}[{key}]", value, why)


def _field_errors(field: FieldOverrider, at: str) -> Iterator[FieldError]:
    yield from _pointer_errors(field.field_path, f"{at}.fieldPath")
    documents = {"json": field.json_patches, "yaml": field.yaml_patches}
    given = [word for word, patches in documents.items() if patches]
    if len(given) != 1:
        yield invalid(
            at, given, "exactly one of `json` and `yaml` must be set: it says how to read the string at fieldPath"
        )
    for word, patches in documents.items():
        for i, patch in enumerate(patches or ()):
            yield from _patch_errors(patch, f"{at}.{word}[{i}]")


def _patch_errors(patch: FieldPatch, at: str) -> Iterator[FieldError]:
    yield from _pointer_errors(patch.sub_path, f"{at}.subPath")
    has_value = "value" in patch.model_fields_set
    if patch.operator == "remove" and has_value:
        yield forbidden(f"{at}.value", "may not be set when `operator` is 'remove'")
    if patch.operator != "remove" and not has_value:
        yield required(f"{at}.value", f"nothing to {patch.operator}")


def _pointer_errors(pointer: str, path: str) -> Iterator[FieldError]:
    if why := not_a_pointer(pointer):
        yield invalid(path, pointer, why)
