"""Whether a cluster's new sums tell its hub anything that matters, or only that life goes on there. Pure."""

from collections.abc import Mapping
from typing import Any

from flotilla_common.objects import Obj
from flotilla_common.quantity import units_of

__all__ = ["is_alike"]

_SUMS = ("allocatable", "allocating", "allocated")
_GRADES = "allocatableModelings"


def is_alike(before: Obj, after: Obj, share: float) -> bool:
    """Both with `nodeSummary` and `resourceSummary`: the same nodes, and nothing moved by more than this share of all.

    Of all the cluster can hand out, or of all nodes: what is noise in a cluster of thousands is news in one of three.
    Raises Invalid for what is no quantity.
    """
    if before.get("nodeSummary") != after.get("nodeSummary"):
        return False
    old, new = before.get("resourceSummary") or {}, after.get("resourceSummary") or {}
    whole = _units(new.get("allocatable"))
    pairs = [(_units(old.get(part)), _units(new.get(part))) for part in _SUMS]
    if any(was.keys() != now.keys() for was, now in pairs):
        return False
    if any(abs(now[name] - was[name]) > share * whole.get(name, 0) for was, now in pairs for name in now):
        return False
    most: float = share * after["nodeSummary"]["totalNum"]
    return _moved(old.get(_GRADES) or (), new.get(_GRADES) or ()) <= most


def _units(amounts: Mapping[str, Any] | None) -> dict[str, int]:
    return {name: units_of(name, quantity) for name, quantity in (amounts or {}).items()}


def _moved(before: Any, after: Any) -> float:
    """Nodes that are of another grade; more than there can be when the grades themselves are others."""
    if [model["grade"] for model in before] != [model["grade"] for model in after]:
        return float("inf")
    moved: int = sum(abs(now["count"] - was["count"]) for was, now in zip(before, after, strict=True))
    return moved / 2
