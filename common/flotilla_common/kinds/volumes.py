"""PersistentVolume and PersistentVolumeClaim (core)."""

from collections.abc import Sequence

from ..objects import Obj
from .base import Item, Kind, at, health, statuses, with_value, worst

__all__ = ["CLAIM", "VOLUME"]

_WORST_FIRST = ("Failed", "Pending", "Available", "Bound", "Released")


def _retain_claim(desired: Obj, live: Obj) -> Obj:
    """Which volume was bound is the member's decision."""
    name = at(live, "spec", "volumeName")
    return with_value(desired, ("spec", "volumeName"), name) if name else desired


def _claim_health(obj: Obj) -> str:
    return health(at(obj, "status", "phase") == "Bound")


def _aggregate_claim(_: Obj, items: Sequence[Item]) -> Obj | None:
    """Bound when bound everywhere; one lost claim makes it Lost."""
    phases = [s.get("phase") for s in statuses(items)]
    unbound = [phase for phase in phases if phase and phase != "Bound"]
    return {"phase": "Lost" if "Lost" in phases else (unbound or ["Bound"])[-1]}


def _retain_volume(desired: Obj, live: Obj) -> Obj:
    claim = at(live, "spec", "claimRef")
    return with_value(desired, ("spec", "claimRef"), claim) if claim else desired


def _aggregate_volume(_: Obj, items: Sequence[Item]) -> Obj | None:
    return worst((s.get("phase") for s in statuses(items)), _WORST_FIRST)


CLAIM = Kind(retain=_retain_claim, health=_claim_health, aggregate=_aggregate_claim)
VOLUME = Kind(retain=_retain_volume, aggregate=_aggregate_volume)
