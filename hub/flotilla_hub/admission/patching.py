"""Patches of the three kinds kubectl sends, applied to an object: JSON patch, merge patch, strategic merge patch. Pure.

Server-side apply is apply.py's.
"""

from collections.abc import Mapping
from typing import Any

import jsonpatch
from jsonpointer import JsonPointerException, resolve_pointer

from flotilla_common.errors import Invalid
from flotilla_common.objects import Obj, copy_of, encode

from .document import MAX_BYTES, flaw_in
from .strategic import strategic_merge

__all__ = ["json_patched", "merge_patched", "patched"]

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


_MOST_OPERATIONS = 10_000
_MISFITS = (TypeError, AttributeError, LookupError, ValueError, RecursionError)
"""What Python says when a patch names a list and means a map, or the like."""


def patched(obj: Obj, patch: Any, media_type: str, schema: Mapping[str, Any] | None) -> Obj:
    """`schema` tells strategic merges which lists have keys. Raises Invalid when the patch does not fit the object."""
    if media_type == JSON:
        result = json_patched(obj, patch)
    elif not isinstance(patch, dict):
        raise _unfit(f"must be a JSON object, not {type(patch).__name__}")
    elif media_type == MERGE:
        result = merge_patched(obj, patch)
    else:
        result = _strategic(obj, patch, schema or {})
    if not isinstance(result, dict):
        raise _unfit(f"would leave a {type(result).__name__} in place of the object")
    return result


def json_patched(obj: Obj, patch: Any) -> Any:
    """RFC 6902. Raises Invalid, also for a patch that would grow the object beyond what a request may send."""
    if not isinstance(patch, list):
        raise _unfit("a JSON patch must be a list of operations")
    if len(patch) > _MOST_OPERATIONS:
        raise _unfit(f"at most {_MOST_OPERATIONS} operations are allowed, not {len(patch)}")
    result: Any = copy_of(obj)
    copied = 0
    try:
        for operation in patch:
            if operation["op"] == "copy":
                copied += len(encode(resolve_pointer(result, operation["from"])))
                if copied > MAX_BYTES:
                    raise _unfit(f"copies more than {MAX_BYTES} bytes")
            result = jsonpatch.JsonPatch([operation]).apply(result, in_place=True)
    except (jsonpatch.JsonPatchException, JsonPointerException, *_MISFITS) as err:
        raise _unfit(f"the server rejected our request: {err}") from err
    if why := flaw_in(result):
        raise _unfit(f"leaves what cannot be kept: {why}")
    return result


def _strategic(obj: Obj, patch: Obj, schema: Mapping[str, Any]) -> Any:
    try:
        return strategic_merge(obj, patch, schema)
    # Directives name lists and keys, and whatever else they hold instead, the patch is to blame.
    except _MISFITS as err:
        raise _unfit(f"a directive in it does not fit the object: {err}") from err


def _unfit(why: str) -> Invalid:
    return Invalid(f"the patch is invalid: {why}")


def merge_patched(target: Any, patch: Any) -> Any:
    """RFC 7386: null removes, maps merge, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patched(result.get(key), value)
    return result
