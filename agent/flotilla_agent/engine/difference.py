"""Where a live object differs from a manifest, as far as the manifest speaks. Pure.

Right after an apply these are the values the cluster wrote in another way (`1000m` for `1`) or a webhook changed. Their
digest is the object's *fingerprint*: while it stays the same nobody has touched our fields, so nothing is written.
"""

from typing import Any

import orjson

from flotilla_common.messages import digest_of
from flotilla_common.objects import Obj

__all__ = ["difference", "fingerprint", "item_key"]

_ABSENT = {"$absent": True}
_SAME: dict[str, Any] = {}
# Fields by which Kubernetes tells the items of a list apart, in the order in which we try them.
_ITEM_KEYS = ("name", "containerPort", "port", "mountPath", "devicePath", "key", "type", "ip", "uid")
# The API server ignores what a manifest says here.
_IGNORED = ("status",)


def fingerprint(desired: Obj, live: Obj) -> str:
    """Changes exactly when someone changes a field of `live` that `desired` speaks of."""
    return digest_of(orjson.dumps(difference(desired, live), option=orjson.OPT_SORT_KEYS))


def difference(desired: Obj, live: Obj) -> dict[str, Any]:
    """The live values of the fields that are not as desired, nested as they are in the object; empty when all are.

    What only `live` has does not count, nor does it in lists of keyed items. A missing field reads `{"$absent": true}`.
    """
    return _of_maps({k: v for k, v in desired.items() if k not in _IGNORED}, live)


def _of_maps(desired: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for key, wanted in desired.items():
        if (differs := _of_values(wanted, live.get(key))) is not _SAME:
            found[key] = differs
    return found


def _of_values(desired: Any, live: Any) -> Any:
    """What is live, or `_SAME`."""
    if desired == live or (_is_empty(desired) and _is_empty(live)):
        return _SAME
    if isinstance(desired, dict) and isinstance(live, dict):
        return _of_maps(desired, live) or _SAME
    if isinstance(desired, list) and isinstance(live, list):
        return _of_lists(desired, live)
    return _ABSENT if live is None else live


def _of_lists(desired: list[Any], live: list[Any]) -> Any:
    key = item_key(desired, live)
    if key is None:
        return _of_positions(desired, live)
    there = {item[key]: item for item in live}
    found = {}
    for item in desired:
        if (differs := _of_values(item, there.get(item[key]))) is not _SAME:
            found[str(item[key])] = differs
    return found or _SAME


def _of_positions(desired: list[Any], live: list[Any]) -> Any:
    if len(desired) != len(live):
        return live
    found = {
        str(place): differs
        for place, (wanted, there) in enumerate(zip(desired, live, strict=True))
        if (differs := _of_values(wanted, there)) is not _SAME
    }
    return found or _SAME


def item_key(*lists: list[Any]) -> str | None:
    """The field whose values tell the items of each list apart, or None when there is none."""
    if not all(items and all(isinstance(item, dict) for item in items) for items in lists):
        return None
    return next((key for key in _ITEM_KEYS if all(_tells_apart(key, items) for items in lists)), None)


def _tells_apart(key: str, items: list[dict[str, Any]]) -> bool:
    values = [item.get(key) for item in items]
    return all(isinstance(value, str | int) for value in values) and len(set(values)) == len(values)


def _is_empty(value: Any) -> bool:
    """The API server drops empty maps, lists and nulls; a manifest that spells them out means the same."""
    return value is None or value == {} or value == []
