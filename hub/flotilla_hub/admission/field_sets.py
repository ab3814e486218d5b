"""Objects as flat maps from field path to value, and Kubernetes' FieldsV1 for sets of such paths. Pure.

A path is a tuple of steps as FieldsV1 spells them: `f:name` a field, `k:{"name":"web"}` the list item with that key,
`v:"x"` a value in a set. What server-side apply decides about ownership is then plain set algebra (apply.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flotilla_common.objects import Obj, decode, encode

__all__ = [
    "Flat",
    "Path",
    "absorb",
    "fields_v1",
    "flat",
    "is_fields_v1",
    "is_key",
    "item_step",
    "paths_of",
    "remove",
    "shown",
]

Path = tuple[str, ...]
Flat = dict[Path, Any]
Schema = Mapping[str, Any]

_ITEM = "item"
"""The value of a list item's own path: that it is there is all there is to own."""


def flat(value: Any, schema: Schema, path: Path = ()) -> Flat:
    """Every leaf of `value`. Lists are leaves unless the schema gives them keys, as are maps it calls atomic."""
    if isinstance(value, dict) and value and schema.get("x-kubernetes-map-type") != "atomic":
        parts = [flat(child, child_schema(schema, key), (*path, f"f:{key}")) for key, child in value.items()]
        return {p: v for part in parts for p, v in part.items()}
    kind = list_kind(schema) if isinstance(value, list) else ""
    if kind == "set":
        return {(*path, f"v:{encode(item).decode()}"): item for item in value}
    if kind == "map" and all(isinstance(item, dict) for item in value):
        return dict(_flat_items(value, schema, path))
    return {path: value} if path else {}


def _flat_items(items: Iterable[Obj], schema: Schema, path: Path) -> Iterator[tuple[Path, Any]]:
    for item in items:
        at = (*path, item_step(item, schema))
        yield at, _ITEM
        yield from flat(item, schema.get("items") or {}, at).items()


def list_kind(schema: Schema) -> str:
    """`map`, `set` or `atomic`."""
    kind = schema.get("x-kubernetes-list-type", "atomic")
    return "map" if kind == "map" and schema.get("x-kubernetes-list-map-keys") else "set" if kind == "set" else "atomic"


def item_step(item: Mapping[str, Any], schema: Schema) -> str:
    """`k:{"containerPort":80,"protocol":"TCP"}`; a key that is missing counts with its default."""
    properties = (schema.get("items") or {}).get("properties") or {}
    keys = sorted(schema["x-kubernetes-list-map-keys"])
    found = {key: item.get(key, (properties.get(key) or {}).get("default")) for key in keys}
    return f"k:{encode({k: v for k, v in found.items() if v is not None}).decode()}"


def is_key(path: Path) -> bool:
    """The path of a field by which its list item is told from others."""
    return len(path) > 1 and path[-2].startswith("k:") and path[-1][2:] in decode(path[-2][2:].encode())


def child_schema(schema: Schema, key: str) -> Schema:
    found = (schema.get("properties") or {}).get(key) or schema.get("additionalProperties")
    return found if isinstance(found, dict) else {}


def paths_of(fields: Mapping[str, Any], path: Path = ()) -> Iterator[Path]:
    """The paths a FieldsV1 names."""
    if (not fields or "." in fields) and path:
        yield path
    for step, inner in fields.items():
        if step != "." and isinstance(inner, dict):
            yield from paths_of(inner, (*path, step))


def is_fields_v1(fields: Any) -> bool:
    """Whether every step is spelt so that it can be read back."""
    if not isinstance(fields, dict):
        return False
    return all(step == "." or (_is_step(step) and is_fields_v1(inner)) for step, inner in fields.items())


def _is_step(step: str) -> bool:
    kind, _, text = step.partition(":")
    if kind == "f":
        return True
    if kind not in ("k", "v", "i"):
        return False
    try:
        value = decode(text.encode())
    except ValueError:
        return False
    return kind != "k" or isinstance(value, dict)


def fields_v1(paths: Iterable[Path]) -> Obj:
    """The inverse of `paths_of`."""
    root: Obj = {}
    for path in sorted(paths):
        at = root
        for step in path:
            # Sorted, a path comes before those below it: an owned parent of owned parts says so with a dot.
            at = at.setdefault(step, {})
        at["."] = {}
    return _without_lonely_dots(root)


def _without_lonely_dots(fields: Obj) -> Obj:
    return {k: {} if v == {".": {}} and not k.startswith("k:") else _without_lonely_dots(v) for k, v in fields.items()}


def shown(path: Path) -> str:
    """`.spec.template.spec.containers[name="web"].image`, as conflicts are told."""
    return "".join(map(_shown_step, path))


def _shown_step(step: str) -> str:
    if step.startswith("f:"):
        return f".{step[2:]}"
    if step.startswith("v:"):
        return f"[={step[2:]}]"
    return "[" + ",".join(f"{k}={encode(v).decode()}" for k, v in decode(step[2:].encode()).items()) + "]"


def absorb(live: Any, wanted: Any, schema: Schema) -> Any:
    """`live` with `wanted` laid over it; lists with keys merge item by item, in the order they have in `live`."""
    if isinstance(live, dict) and isinstance(wanted, dict) and schema.get("x-kubernetes-map-type") != "atomic":
        merged = {k: absorb(live.get(k), v, child_schema(schema, k)) for k, v in wanted.items()}
        return {**live, **merged}
    kind = list_kind(schema) if isinstance(live, list) and isinstance(wanted, list) else "atomic"
    if kind == "set":
        return [*live, *(v for v in wanted if v not in live)]
    if kind == "map" and all(isinstance(item, dict) for item in (*live, *wanted)):
        given = {item_step(item, schema): item for item in wanted}
        held = {item_step(item, schema): item for item in live}
        items = schema.get("items") or {}
        kept = [absorb(item, given[step], items) if step in given else item for step, item in held.items()]
        return [*kept, *(item for step, item in given.items() if step not in held)]
    return wanted


def remove(value: Any, path: Path, schema: Schema) -> Any:
    """`value` without what `path` names, and without parents that this leaves empty. What is not there is no error."""
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        return _remove_item(value, step, rest, schema)
    key = step[2:]
    if not isinstance(value, dict) or key not in value:
        return value
    inner = remove(value[key], rest, child_schema(schema, key)) if rest else None
    left = {k: v for k, v in value.items() if k != key}
    return {**value, key: inner} if inner not in (None, {}, []) else left


def _remove_item(items: list[Any], step: str, rest: Path, schema: Schema) -> list[Any]:
    if step.startswith("v:"):
        return [item for item in items if encode(item).decode() != step[2:]]
    if list_kind(schema) != "map":
        return items
    result = []
    for item in items:
        if item_step(item, schema) != step:
            result.append(item)
        elif rest:
            result.append(remove(item, rest, schema.get("items") or {}))
    return result
