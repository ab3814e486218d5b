"""Server-side apply for the simulated cluster: one manager's fields laid over everybody's. Pure.

It knows who owns what only as far as it must: what we applied last is ours, all else is somebody else's.
"""

from typing import Any

from flotilla_common.objects import Obj

from ..engine.difference import item_key

__all__ = ["aged", "applicable", "contested", "merged"]

_SERVER_FIELDS = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields")


def applicable(obj: Obj) -> Obj:
    """What of a manifest an apply looks at: the server alone writes the rest."""
    meta = {key: value for key, value in obj["metadata"].items() if key not in _SERVER_FIELDS}
    return {**{key: value for key, value in obj.items() if key != "status"}, "metadata": meta}


def aged(live: Obj, after: Obj) -> Obj:
    """`after` as the next state of `live`: the same object, one generation older if more than metadata changed."""
    meta = {
        **after["metadata"],
        **{key: live["metadata"].get(key) for key in _SERVER_FIELDS if key in live["metadata"]},
    }
    aged = {**after, "metadata": meta}
    if "status" in live:
        aged.setdefault("status", live["status"])
    if {**aged, "metadata": None, "status": None} != {**live, "metadata": None, "status": None}:
        meta["generation"] = int(live["metadata"].get("generation") or 0) + 1
    return aged


def merged(live: Obj, last: Obj, desired: Obj) -> Obj:
    """`live` with what `last` had and `desired` lacks taken out, and `desired` laid over the rest."""
    result = _overlaid(_without(live, last, desired), desired)
    assert isinstance(result, dict)
    return result


def contested(live: Any, last: Any, desired: Any, path: str = "") -> list[str]:
    """Paths of the fields `desired` sets that somebody else has set to another value."""
    if not isinstance(desired, dict) or not isinstance(live, dict):
        return [] if live in (None, desired) or live == last else [path]
    ours = last if isinstance(last, dict) else {}
    return [
        found
        for key, value in desired.items()
        for found in contested(live.get(key), ours.get(key), value, f"{path}.{key}" if path else key)
    ]


def _without(live: Any, last: Any, desired: Any) -> Any:
    """`live` less the fields that only `last` has."""
    if isinstance(live, dict) and isinstance(last, dict) and isinstance(desired, dict):
        kept = {}
        for key, value in live.items():
            if key in desired:
                kept[key] = _without(value, last.get(key), desired[key])
            elif key not in last:
                kept[key] = value
            elif isinstance(value, dict) and isinstance(last[key], dict) and (rest := _without(value, last[key], {})):
                kept[key] = rest
        return kept
    if isinstance(live, list) and isinstance(last, list) and isinstance(desired, list):
        return _items_without(live, last, desired)
    return live


def _items_without(live: list[Any], last: list[Any], desired: list[Any]) -> list[Any]:
    key = item_key(live, last, desired) if desired else item_key(live, last)
    if key is None:
        return live
    before, after = {i[key]: i for i in last}, {i[key]: i for i in desired}
    return [
        _without(item, before.get(item[key]), after[item[key]]) if item[key] in after else item
        for item in live
        if item[key] in after or item[key] not in before
    ]


def _overlaid(live: Any, desired: Any) -> Any:
    if isinstance(live, dict) and isinstance(desired, dict):
        return {**live, **{key: _overlaid(live.get(key), value) for key, value in desired.items()}}
    if isinstance(live, list) and isinstance(desired, list):
        key = item_key(live, desired)
        if key is None:
            return desired
        there = {item[key]: item for item in live}
        ours = [_overlaid(there.get(item[key]), item) for item in desired]
        names = {item[key] for item in desired}
        return [*ours, *(item for item in live if item[key] not in names)]
    return desired
