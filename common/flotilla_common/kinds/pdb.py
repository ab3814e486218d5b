"""PodDisruptionBudget (policy)."""

from collections.abc import Sequence

from ..objects import Obj
from .base import Item, Kind, counted, health, status_in, status_of, summed

__all__ = ["KIND"]

_COUNTERS = ("currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods")


def _health(obj: Obj) -> str:
    status = status_of(obj)
    return health(status.get("currentHealthy", 0) >= status.get("desiredHealthy", 0))


def _reflect(obj: Obj) -> Obj | None:
    return counted(status_of(obj), (*_COUNTERS, "disruptedPods"))


def _aggregate(_: Obj, items: Sequence[Item]) -> Obj | None:
    """Sums; a disrupted pod is named `<cluster>/<pod>`, as two clusters may hold pods of one name."""
    disrupted = {
        f"{item['clusterName']}/{pod}": when
        for item in items
        for pod, when in (status_in(item).get("disruptedPods") or {}).items()
    }
    return {**summed(items, _COUNTERS), **({"disruptedPods": disrupted} if disrupted else {})}


KIND = Kind(health=_health, reflect=_reflect, aggregate=_aggregate)
