"""What holds for every object whatever its kind: its envelope, its name, its labels and annotations. Pure.

A kind's own rules are in admission/<kind>.py; pod templates have theirs in workloads.py.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj
from flotilla_hub.resources.schemas import object_meta

from .field_sets import is_fields_v1
from .fields import immutable, invalid, required
from .schema import unknown_fields, violations
from .syntax import not_a_dns_label, not_a_label_key, not_a_label_value, not_an_annotation_key

__all__ = ["not_a_name", "unknown_metadata", "validate_metadata", "validate_update"]

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_RBAC = "rbac.authorization.k8s.io"
_LABEL_NAMED = frozenset({"Namespace", "Service"})
_CHECKED = frozenset({"name", "labels", "annotations", "finalizers"})
"""These have rules of their own, which say more than the schema does."""
_FREE = frozenset({"labels", "annotations", "managedFields"})
"""Whatever keys they have are their author's."""
_ANNOTATIONS_LIMIT = 256 * 1024


def validate_metadata(obj: Obj, group: str) -> tuple[FieldError, ...]:
    """`group` decides what names may look like: RBAC's contain colons."""
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict):
        return (required("metadata", "an object needs a name"),)
    return tuple(_metadata(metadata, str(obj.get("kind")), group))


def _metadata(metadata: Mapping[str, Any], kind: str, group: str) -> Iterator[FieldError]:
    name = metadata.get("name")
    if not name:
        yield required("metadata.name", "name or generateName is required")
    elif why := not_a_name(name, kind, group):
        yield invalid("metadata.name", name, why)
    yield from _labels(metadata.get("labels"))
    yield from _annotations(metadata.get("annotations"))
    yield from _finalizers(metadata.get("finalizers"))
    rest = {k: v for k, v in metadata.items() if k not in _CHECKED}
    wrong = tuple(violations(rest, object_meta(), "metadata", null_is_absent=True))
    yield from wrong
    if not wrong:
        yield from _owners(metadata.get("ownerReferences"))
        yield from _managers(metadata.get("managedFields"))


def unknown_metadata(obj: Obj) -> tuple[FieldError, ...]:
    """The fields that no object's metadata has."""
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict):
        return ()
    return tuple(unknown_fields({k: v for k, v in metadata.items() if k not in _FREE}, object_meta(), "metadata"))


def not_a_name(name: Any, kind: str, group: str) -> str | None:
    """Why `name` cannot name an object of this kind, or None."""
    if not isinstance(name, str):
        return "must be a string"
    if len(name) > 253:
        return "must be no more than 253 characters"
    if group == _RBAC:
        is_segment = name not in (".", "..") and "/" not in name and "%" not in name
        return None if is_segment else "may not be '.' or '..', or contain '/' or '%'"
    if kind in _LABEL_NAMED:
        return not_a_dns_label(name)
    if not _SUBDOMAIN.fullmatch(name):
        return (
            "a lowercase RFC 1123 subdomain must consist of lower case letters, digits, '-' or '.', "
            "and must start and end with a letter or digit"
        )
    return None


def _labels(labels: Any) -> Iterator[FieldError]:
    path = "metadata.labels"
    if not isinstance(labels, dict | None):
        yield invalid(path, labels, "must be a map of strings")
        return
    for key, value in (labels or {}).items():
        if why := not_a_label_key(key):
            yield invalid(path, key, why)
        if not isinstance(value, str):
            yield invalid(f"{path}.{key}", value, "must be a string; put it in quotes")
        elif why := not_a_label_value(value):
            yield invalid(path, value, why)


def _annotations(annotations: Any) -> Iterator[FieldError]:
    path = "metadata.annotations"
    if not isinstance(annotations, dict | None):
        yield invalid(path, annotations, "must be a map of strings")
        return
    size = 0
    for key, value in (annotations or {}).items():
        if why := not_an_annotation_key(key):
            yield invalid(path, key, why)
        if not isinstance(value, str):
            yield invalid(f"{path}.{key}", value, "must be a string; put it in quotes")
        else:
            size += len(key) + len(value)
    if size > _ANNOTATIONS_LIMIT:
        yield FieldError(path, f"Too long: must have at most {_ANNOTATIONS_LIMIT} bytes", "FieldValueTooLong")


def _finalizers(finalizers: Any) -> Iterator[FieldError]:
    if not isinstance(finalizers, list | None):
        yield invalid("metadata.finalizers", finalizers, "must be a list of strings")
        return
    for index, one in enumerate(finalizers or ()):
        why = not_a_label_key(one) if isinstance(one, str) else "must be a string"
        if why:
            yield invalid(f"metadata.finalizers[{index}]", one, why)


def _owners(owners: Any) -> Iterator[FieldError]:
    if not isinstance(owners, list | None):
        yield invalid("metadata.ownerReferences", owners, "must be a list")
        return
    for index, owner in enumerate(owners or ()):
        for key in ("apiVersion", "kind", "name", "uid"):
            if not (isinstance(owner, dict) and owner.get(key)):
                yield required(f"metadata.ownerReferences[{index}].{key}")


def _managers(entries: Any) -> Iterator[FieldError]:
    for index, entry in enumerate(entries or ()):
        fields = (entry or {}).get("fieldsV1") or {}
        if not is_fields_v1(fields):
            yield invalid(f"metadata.managedFields[{index}].fieldsV1", fields, "must be a set of fields")


def validate_update(old: Obj, new: Obj) -> tuple[FieldError, ...]:
    """What a client may not change once it has been set."""
    was, now = old.get("metadata") or {}, new.get("metadata") or {}
    fixed = ("uid", "creationTimestamp")
    wrong = [immutable(f"metadata.{k}", now[k]) for k in fixed if now.get(k) and now[k] != was.get(k)]
    if was.get("deletionTimestamp"):
        added = set(now.get("finalizers") or ()) - set(was.get("finalizers") or ())
        if added:
            why = "no new finalizers can be added if the object is being deleted"
            wrong.append(
                FieldError("metadata.finalizers", f"Forbidden: {why}, found {sorted(added)}", "FieldValueForbidden")
            )
    return tuple(wrong)
