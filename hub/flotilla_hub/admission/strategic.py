"""Kubernetes' strategic merge patch: maps merge, lists of things with a key merge by that key. Pure.

Which lists have keys is in the schema (`x-kubernetes-patch-merge-key`), as harvested from Kubernetes itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flotilla_common.errors import FieldError, Invalid

__all__ = ["strategic_merge"]

Schema = Mapping[str, Any]
_DIRECTIVE, _RETAIN = "$patch", "$retainKeys"
_ORDER, _DROP = "$setElementOrder/", "$deleteFromPrimitiveList/"


def strategic_merge(target: Any, patch: Any, schema: Schema) -> Any:
    """`target` with `patch` merged in; parts that do not change are shared. Raises Invalid for a bad directive."""
    if not isinstance(patch, dict):
        return patch
    directive = patch.get(_DIRECTIVE)
    if directive not in (None, "merge", "replace", "delete"):
        raise Invalid(
            "the patch", [FieldError(_DIRECTIVE, f"unknown directive {directive!r}; use merge, replace or delete")]
        )
    if directive == "delete":
        return {}
    result = dict(target) if isinstance(target, dict) and directive != "replace" else {}
    if _RETAIN in patch:
        result = {k: v for k, v in result.items() if k in patch[_RETAIN]}
    for key, value in patch.items():
        if not key.startswith("$"):
            _merge_key(result, key, value, _child(schema, key))
    for key, value in patch.items():
        _arrange(result, key, value, schema)
    return result


def _merge_key(result: dict[str, Any], key: str, value: Any, schema: Schema) -> None:
    if value is None:
        result.pop(key, None)
    elif isinstance(value, list):
        result[key] = _merge_list(result.get(key), value, schema)
    else:
        result[key] = strategic_merge(result.get(key), value, schema)


def _arrange(result: dict[str, Any], key: str, value: Any, schema: Schema) -> None:
    """The directives that speak of a sibling list."""
    if key.startswith(_DROP):
        name = key.removeprefix(_DROP)
        result[name] = [v for v in result.get(name) or () if v not in value]
    elif key.startswith(_ORDER):
        name = key.removeprefix(_ORDER)
        if isinstance(result.get(name), list):
            result[name] = _ordered(result[name], value, _merge_key_of(_child(schema, name)))


def _child(schema: Schema, key: str) -> Schema:
    found = (schema.get("properties") or {}).get(key) or schema.get("additionalProperties")
    return found if isinstance(found, dict) else {}


def _merge_key_of(schema: Schema) -> str | None:
    found = schema.get("x-kubernetes-patch-merge-key")
    return found if isinstance(found, str) else None


def _merge_list(target: Any, patch: Sequence[Any], schema: Schema) -> list[Any]:
    replaced = [v for v in patch if not (isinstance(v, dict) and v.get(_DIRECTIVE) == "replace" and len(v) == 1)]
    merges = "merge" in str(schema.get("x-kubernetes-patch-strategy", ""))
    if not merges or len(replaced) < len(patch):
        return [_stripped(v) for v in replaced]
    current = list(target or ())
    key = _merge_key_of(schema)
    if key is None or not all(isinstance(v, dict) for v in patch):
        return [*current, *(v for v in patch if v not in current)]
    for item in patch:
        current = _merge_item(current, item, key, schema.get("items") or {})
    return current


def _merge_item(current: list[Any], item: Mapping[str, Any], key: str, schema: Schema) -> list[Any]:
    if key not in item:
        raise Invalid("the patch", [FieldError(key, f"the merge key {key!r} is missing from an item: {sorted(item)}")])
    if item.get(_DIRECTIVE) == "delete":
        return [v for v in current if v.get(key) != item[key]]
    merged = [strategic_merge(v, item, schema) if v.get(key) == item[key] else v for v in current]
    is_new = not any(v.get(key) == item[key] for v in current)
    return [*merged, _stripped(item)] if is_new else merged


def _stripped(value: Any) -> Any:
    """A value that is taken as it is, without the directives it may carry."""
    if isinstance(value, dict):
        return {k: _stripped(v) for k, v in value.items() if not k.startswith("$") and v is not None}
    return [_stripped(v) for v in value] if isinstance(value, list) else value


def _ordered(items: Sequence[Any], order: Iterable[Any], key: str | None) -> list[Any]:
    """The items `order` names, in that order, in the places such items now have; all others stay where they are."""

    def identity(item: Any) -> Any:
        return item.get(key) if key and isinstance(item, dict) else item

    wanted = [identity(o) for o in order]
    listed = iter(sorted((i for i in items if identity(i) in wanted), key=lambda i: wanted.index(identity(i))))
    return [next(listed) if identity(item) in wanted else item for item in items]
