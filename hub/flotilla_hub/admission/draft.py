"""A private copy of a submitted object that defaults are written into, whatever shape the user gave it.

Defaulting runs before validation, so nothing here may assume a shape: what is not a map or a list is left alone, and
validation names it.
"""

from collections.abc import Mapping
from typing import Any

from flotilla_common.objects import Obj, copy_of

__all__ = [
    "annotation_in",
    "draft_of",
    "fill",
    "give_finalizer",
    "give_label",
    "label_in",
    "maps_in",
    "namespace_in",
    "section",
]


def draft_of(obj: Obj) -> Obj:
    """A deep copy; nulls in `spec` are dropped, as a Kubernetes API does with fields that cannot be null."""
    draft = copy_of(obj)
    if isinstance(draft.get("spec"), dict):
        draft["spec"] = _without_nulls(draft["spec"])
    elif draft.get("spec") is None:
        draft.pop("spec", None)
    return draft


def section(obj: Any, name: str) -> dict[str, Any]:
    """The map under `name` itself; an empty map of no effect when there is none."""
    found = obj.get(name) if isinstance(obj, dict) else None
    return found if isinstance(found, dict) else {}


def maps_in(obj: Any, name: str) -> list[dict[str, Any]]:
    """The maps in the list under `name`."""
    found = obj.get(name) if isinstance(obj, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def fill(into: dict[str, Any], defaults: Mapping[str, Any]) -> None:
    """Write what is missing."""
    for key, value in defaults.items():
        into.setdefault(key, value)


def label_in(obj: Any, key: str) -> Any:
    """The label as given, which may be no string; None when there is none."""
    return section(section(obj, "metadata"), "labels").get(key)


def annotation_in(obj: Any, key: str) -> Any:
    return section(section(obj, "metadata"), "annotations").get(key)


def namespace_in(obj: Any) -> str:
    return str(section(obj, "metadata").get("namespace") or "")


def give_label(draft: Obj, label: str, value: str, old: Obj | None = None) -> None:
    """Set `label` where it is missing: to what the stored object has, so that a replace without it keeps it."""
    labels = _child(section(draft, "metadata"), "labels", dict)
    if labels is not None:
        labels.setdefault(label, label_in(old, label) or value)


def give_finalizer(draft: Obj, finalizer: str) -> None:
    """Not on an object that is already leaving: it would never go."""
    metadata = section(draft, "metadata")
    finalizers = None if metadata.get("deletionTimestamp") else _child(metadata, "finalizers", list)
    if finalizers is not None and finalizer not in finalizers:
        finalizers.append(finalizer)


def _child(parent: dict[str, Any], key: str, kind: type) -> Any:
    """The map or list under `key`, made when it is missing; None when something else is there."""
    if parent.get(key) is None:
        parent[key] = kind()
    return parent[key] if isinstance(parent[key], kind) else None


def _without_nulls(value: Any, key: str = "") -> Any:
    if key == "value":  # an overrider's value is any JSON, null included
        return value
    if isinstance(value, dict):
        return {k: _without_nulls(v, k) for k, v in value.items() if v is not None or k == "value"}
    return [_without_nulls(v) for v in value] if isinstance(value, list) else value
