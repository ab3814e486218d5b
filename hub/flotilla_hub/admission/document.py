"""What any JSON document must keep to be read, compared and stored here, whatever it describes. Pure."""

import math
from typing import Any

__all__ = ["MAX_BYTES", "MAX_DEPTH", "flaw_in"]

MAX_DEPTH = 200
"""Far more than any manifest has. Python's stack and our JSON encoder, which ends at 254, bear no more."""

MAX_BYTES = 3 * 1024 * 1024
"""Kubernetes' own limit of a request."""

_LEAVES = (str, bool, int, float, type(None))


def flaw_in(document: Any) -> str | None:
    """Why this is no JSON document we can keep, or None. Walks without recursion: depth is what it is about."""
    level, depth = [document], 0
    while level:
        if depth > MAX_DEPTH:
            return f"it is nested deeper than {MAX_DEPTH} levels"
        below: list[Any] = []
        for value in level:
            if why := _flaw_of_one(value):
                return why
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        level, depth = below, depth + 1
    return None


def _flaw_of_one(value: Any) -> str | None:
    kind = type(value)
    if kind is str or kind is bool:
        return None
    if kind is dict:
        stray = next((key for key in value if type(key) is not str), None)
        return None if stray is None else f"the key {str(stray)[:80]} must be a string; put it in quotes"
    if kind is int and not -(2**63) <= value < 2**63:
        return "a whole number in it does not fit 64 bits"
    if kind is float and not math.isfinite(value):
        return "a number in it is infinite, or not a number"
    return None if kind in _LEAVES or kind is list else f"JSON has no {kind.__name__}"
