"""Objects against OpenAPI schemas: which fields are unknown, which values break a rule, what defaults fill in. Pure.

Serves custom resources (the schema of their definition) and Kubernetes' own kinds (resources/kubernetes.json). Rules in
the expression language (`x-kubernetes-validations`) are not evaluated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from .fields import invalid, unknown
from .schema_rules import type_violation, value_violations

__all__ = ["ENVELOPE", "defaulted", "pruned", "unknown_fields", "violations", "without_envelope"]

Schema = Mapping[str, Any]
_ANY_STRING = {"type": "string"}
ENVELOPE = ("apiVersion", "kind", "metadata")


def unknown_fields(value: Any, schema: Schema, path: str = "") -> Iterator[FieldError]:
    """The fields `schema` does not know, each with the name that was probably meant."""
    for child_path, key, child, child_schema in _children(value, schema, path):
        if child_schema is None:
            yield unknown(child_path, key, schema.get("properties") or ())
        else:
            yield from unknown_fields(child, child_schema, child_path)


def pruned(value: Any, schema: Schema) -> Any:
    """`value` without what `schema` does not know; parts that need no change are shared with it."""
    if isinstance(value, dict):
        return {k: pruned(v, s) for _, k, v, s in _children(value, schema, "") if s is not None}
    if isinstance(value, list) and schema.get("items"):
        return [pruned(v, schema["items"]) for v in value]
    return value


def defaulted(value: Any, schema: Schema) -> Any:
    """`value` with the schema's defaults where a field is missing, or null where null is not allowed."""
    if isinstance(value, list):
        items = schema.get("items")
        return [defaulted(v, items) for v in value] if items else value
    if not isinstance(value, dict):
        return value
    properties: Mapping[str, Any] = schema.get("properties") or {}
    others = _schema_of_others(schema)
    result = {k: defaulted(v, s) if (s := properties.get(k, others)) else v for k, v in value.items()}
    for key, of in properties.items():
        if "default" in of and (key not in value or (value[key] is None and not of.get("nullable"))):
            result[key] = defaulted(of["default"], of)
    return result


def violations(value: Any, schema: Schema, path: str = "", *, null_is_absent: bool = False) -> Iterator[FieldError]:
    """Every rule `value` breaks. `null_is_absent` is how Kubernetes' own kinds take null."""
    if value is None:
        if not (null_is_absent or schema.get("nullable") or not schema):
            yield replace(
                invalid(path, "null", f"must be of type {schema.get('type', 'object')}"), kind="FieldValueTypeInvalid"
            )
        return
    if type(value) is str and schema == _ANY_STRING:
        # Most leaves are strings with no rule; they are not worth the walk.
        return
    wrong = type_violation(value, schema, path)
    if wrong:
        yield wrong
        return
    yield from value_violations(value, schema, path)
    yield from _combined(value, schema, path)
    for child_path, _, child, child_schema in _children(value, schema, path):
        if child_schema:
            yield from violations(child, child_schema, child_path, null_is_absent=null_is_absent)


def _combined(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    for part in schema.get("allOf") or ():
        yield from violations(value, {"nullable": True, **part}, path)

    def passes(part: Schema) -> bool:
        return next(violations(value, part, path), None) is None

    if schema.get("anyOf") and not any(map(passes, schema["anyOf"])):
        yield FieldError(path, "Invalid value: must match at least one of the allowed forms (anyOf)")
    one_of = schema.get("oneOf")
    # Kubernetes spells scalars of two types as oneOf; their type has been checked.
    if one_of and "type" not in one_of[0] and sum(map(passes, one_of)) != 1:
        yield FieldError(path, "Invalid value: must match exactly one of the allowed forms (oneOf)")
    if schema.get("not") and passes(schema["not"]):
        yield FieldError(path, "Invalid value: must not have the forbidden form (not)", "FieldValueForbidden")


def _children(value: Any, schema: Schema, path: str) -> Iterator[tuple[str, Any, Any, Schema | None]]:
    """(path, key, value, schema) of each part; the schema is None for an unknown field, {} for one that is free."""
    if isinstance(value, list):
        items = schema.get("items")
        if items:
            for index, item in enumerate(value):
                yield f"{path}[{index}]", index, item, items
    elif isinstance(value, dict):
        properties = schema.get("properties") or {}
        others = _schema_of_others(schema)
        for key, child in value.items():
            child_schema = properties.get(key, others)
            if child_schema is None and schema.get("x-kubernetes-embedded-resource") and key in ENVELOPE:
                child_schema = {}
            yield f"{path}.{key}" if path else key, key, child, child_schema


def _schema_of_others(schema: Schema) -> Schema | None:
    """What holds for keys that `properties` does not name: None when there may be none."""
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        return extra
    return None if _is_closed(schema) and extra is not True else {}


def _is_closed(schema: Schema) -> bool:
    if schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema:
        return False
    return "properties" in schema or (schema.get("type") == "object" and "x-kubernetes-embedded-resource" in schema)


def without_envelope(obj: Obj) -> Obj:
    """What a custom resource's schema speaks of; apiVersion, kind and metadata are checked for every kind alike."""
    return {k: v for k, v in obj.items() if k not in ENVELOPE}
