"""HorizontalPodAutoscaler (autoscaling)."""

from collections.abc import Sequence

from ..objects import Obj
from .base import Item, Kind, counted, status_of, summed

__all__ = ["KIND"]

_COUNTERS = ("currentReplicas", "desiredReplicas")


def _reflect(obj: Obj) -> Obj | None:
    return counted(status_of(obj), _COUNTERS)


def _aggregate(_: Obj, items: Sequence[Item]) -> Obj | None:
    return summed(items, _COUNTERS)


KIND = Kind(reflect=_reflect, aggregate=_aggregate)
