"""What differs between two manifests, field by field, for people: lists whose items have names are matched by name.

`difference(a, b)` is empty exactly when both are the same JSON.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flotilla_common.objects import Obj

from .values import Change

__all__ = ["HIDDEN", "difference"]

HIDDEN = "<hidden>"
"""Stands for any value out of a Secret; that it changed may be told, what it is may not."""

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def difference(before: Obj, after: Obj) -> tuple[Change, ...]:
    """In the order of the fields in `before`, then the new ones. Values of Secrets are hidden."""
    changes = _of_maps("", before, after)
    # Whatever its group: a kind that calls itself Secret holds some.
    return tuple(map(_hidden, changes) if "Secret" in (before.get("kind"), after.get("kind")) else changes)


def _of(path: str, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _of_maps(path, before, after)
    elif _is_named(before) and _is_named(after):
        yield from _of_named(path, before, after)
    elif _is_structured(before) and _is_structured(after) and len(before) == len(after):
        for i, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _of(f"{path}[{i}]", old, new)
    elif not _is_same(before, after):
        yield Change(path=path, before=before, after=after)


def _of_maps(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for key in (*before, *(key for key in after if key not in before)):
        inside = _step(path, key)
        if key not in after:
            yield Change(path=inside, before=before[key])
        elif key not in before:
            yield Change(path=inside, after=after[key])
        else:
            yield from _of(inside, before[key], after[key])


def _of_named(path: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    old, new = ({item["name"]: item for item in items} for items in (before, after))
    yield from _of_maps(f"{path}[]", old, new)
    if [name for name in old if name in new] != [name for name in new if name in old]:
        yield Change(path=f"{path} (order)", before=list(old), after=list(new))


def _step(path: str, key: str) -> str:
    """`spec` and `image` → `spec.image`; a name in a list, or a key with dots and slashes in it, goes in brackets."""
    if path.endswith("[]"):
        return f"{path[:-2]}[{key}]"
    if not _PLAIN.fullmatch(key):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def _is_named(value: Any) -> bool:
    """Whether it is a list of maps that each have a name of their own, as containers and their variables have."""
    if not isinstance(value, list) or not value:
        return False
    names = [item.get("name") if isinstance(item, dict) else None for item in value]
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)


def _is_structured(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict | list) for item in value)


def _is_same(before: Any, after: Any) -> bool:
    """As JSON: `true` is not 1. Anything nested is compared piece by piece."""
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_is_same, before, after))
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(_is_same(before[key], after[key]) for key in before)
    return type(before) is type(after) and bool(before == after)


def _hidden(change: Change) -> Change:
    if re.match(r"(data|stringData)\b", change.path) is None:
        return change
    return change.model_copy(update={side: HIDDEN for side in ("before", "after") if side in change.model_fields_set})
