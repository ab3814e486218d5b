"""Patches of the three kinds kubectl sends, applied to an object: JSON patch, merge patch, strategic merge patch. Pure.

Server-side apply is apply.py's.
"""

from collections.abc import Mapping
from typing import Any

import jsonpatch
from jsonpointer import JsonPointerException

from flotilla_common.errors import FieldError, Invalid
from flotilla_common.objects import Obj

from .strategic import strategic_merge

__all__ = ["json_patched", "merge_patched", "patched"]

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


def patched(obj: Obj, patch: Any, media_type: str, schema: Mapping[str, Any] | None) -> Obj:
    """`schema` tells strategic merges which lists have keys. Raises Invalid when the patch does not fit the object."""
    if media_type == JSON:
        return json_patched(obj, patch)
    if not isinstance(patch, dict):
        raise Invalid("the patch", [FieldError("", f"must be a JSON object, not {type(patch).__name__}")])
    result: Obj = merge_patched(obj, patch) if media_type == MERGE else strategic_merge(obj, patch, schema or {})
    return result


def json_patched(obj: Obj, patch: Any) -> Obj:
    """RFC 6902."""
    if not isinstance(patch, list):
        raise Invalid("the patch", [FieldError("", "a JSON patch must be a list of operations")])
    try:
        result: Obj = jsonpatch.apply_patch(obj, patch)
    except (jsonpatch.JsonPatchException, JsonPointerException, TypeError, KeyError) as err:
        raise Invalid("the patch", [FieldError("", f"the server rejected our request: {err}")]) from err
    return result


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
