"""Edits of labels and annotations: `replace` and `remove` touch only what is there. Not an overrider itself."""

from collections.abc import Sequence

from flotilla_common.objects import Obj

from ...model.override import LabelAnnotationOverrider

__all__ = ["edit_pairs"]


def edit_pairs(manifest: Obj, field: str, rules: Sequence[LabelAnnotationOverrider]) -> None:
    """`field`: `labels` or `annotations` of the object itself, not of a pod template in it."""
    metadata = manifest.setdefault("metadata", {})
    for rule in rules:
        present = dict(metadata.get(field) or {})
        touched = rule.value if rule.operator == "add" else {k: v for k, v in rule.value.items() if k in present}
        if rule.operator == "remove":
            present = {key: value for key, value in present.items() if key not in touched}
        else:
            present.update(touched)
        if touched:
            metadata[field] = present
