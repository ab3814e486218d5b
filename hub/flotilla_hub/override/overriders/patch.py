"""RFC 6902 patches for the overriders that are made of them. Not an overrider itself."""

from collections.abc import Sequence
from typing import Any

import jsonpatch
import jsonpointer
import orjson

from flotilla_common.errors import Terminal

__all__ = ["patched"]


def patched(document: Any, steps: Sequence[tuple[str, str, Any]]) -> Any:
    """`document`, changed in place where it can be, after each (operator, pointer, value).

    Values are copied in: a later step may change what an earlier one added, and the policy must not change with it.
    Raises Terminal naming the step that does not fit.
    """
    for operator, pointer, value in steps:
        step = {"op": operator, "path": pointer}
        if operator != "remove":
            step["value"] = orjson.loads(orjson.dumps(value))
        try:
            document = jsonpatch.JsonPatch([step]).apply(document, in_place=True)
        except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError, IndexError) as err:
            raise Terminal(_why(operator, pointer, document)) from err
        if not isinstance(document, dict | list):
            raise Terminal(f"{operator} {pointer!r} would leave no object")
    return document


def _why(operator: str, pointer: str, document: Any) -> str:
    there = _deepest(document, pointer)
    if operator == "add":
        return f"add {pointer!r}: {there!r} is as far as the path exists; add what is missing above it first"
    return f"{operator} {pointer!r}: the path ends at {there!r}; use add where it may be missing"


def _deepest(document: Any, pointer: str) -> str:
    """The longest part of the pointer that exists in the document."""
    parts = pointer.split("/")
    for length in range(len(parts), 0, -1):
        head = "/".join(parts[:length])
        try:
            jsonpointer.resolve_pointer(document, head)
        except (jsonpointer.JsonPointerException, TypeError):
            continue
        return head
    return ""
