"""Secrets and ConfigMaps: `stringData` becomes `data` as Kubernetes does it, and what is immutable stays. Pure."""

import base64
from collections.abc import Iterator

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from .fields import immutable

__all__ = ["default", "validate"]


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """A member would answer with `data` only, which must not look like drift."""
    if obj.get("kind") != "Secret":
        return obj
    plain = obj.get("stringData") or {}
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in plain.items()}
    rest = {k: v for k, v in obj.items() if k != "stringData"}
    data = {**(obj.get("data") or {}), **encoded}
    return {**rest, "type": obj.get("type") or "Opaque", **({"data": data} if data else {})}


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    return tuple(_changes(obj, old)) if old is not None else ()


def _changes(obj: Obj, old: Obj) -> Iterator[FieldError]:
    if obj.get("kind") == "Secret" and obj.get("type") != old.get("type"):
        yield immutable("type", obj.get("type"))
    if not old.get("immutable"):
        return
    if not obj.get("immutable"):
        yield FieldError("immutable", "Forbidden: field is immutable when `immutable` is set", "FieldValueForbidden")
    for key in ("data", "binaryData"):
        if obj.get(key) != old.get(key):
            yield FieldError(key, "Forbidden: field is immutable when `immutable` is set", "FieldValueForbidden")
