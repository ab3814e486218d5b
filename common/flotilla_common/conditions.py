"""Conditions as Kubernetes writes them: build one, set it in a list, and say whether that changed anything."""

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["condition", "find", "is_true", "with_condition"]


def condition(type_: str, status: bool | str, reason: str, message: str, now: str) -> dict[str, Any]:
    """`status` True, False or "Unknown"; `now` as RFC 3339."""
    word = status if isinstance(status, str) else ("True" if status else "False")
    return {"type": type_, "status": word, "reason": reason, "message": message, "lastTransitionTime": now}


def find(conditions: Iterable[dict[str, Any]] | None, type_: str) -> dict[str, Any] | None:
    return next((c for c in conditions or () if c.get("type") == type_), None)


def is_true(conditions: Iterable[dict[str, Any]] | None, type_: str) -> bool:
    found = find(conditions, type_)
    return found is not None and found.get("status") == "True"


def with_condition(conditions: Sequence[dict[str, Any]] | None, new: dict[str, Any]) -> list[dict[str, Any]]:
    """The list with `new` in it. `lastTransitionTime` moves only when the status flips, as soak times count on it."""
    old = find(conditions, new["type"])
    if old is None:
        return [*(conditions or ()), new]
    if old.get("status") == new["status"] and old.get("lastTransitionTime"):
        new = {**new, "lastTransitionTime": old["lastTransitionTime"]}
    return [new if c is old else c for c in conditions or ()]
