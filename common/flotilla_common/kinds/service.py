"""Service (core). Only one of type LoadBalancer has a status worth telling."""

from collections.abc import Sequence

from ..objects import Obj
from .base import Item, Kind, at, health, spec_of, status_of, with_value
from .load_balancer import has_address, merged

__all__ = ["KIND"]


def _is_balanced(obj: Obj) -> bool:
    return spec_of(obj).get("type") == "LoadBalancer"


def _retain(desired: Obj, live: Obj) -> Obj:
    """The member hands out both; node ports are not retained, as upstream does not."""
    for name in ("clusterIP", "healthCheckNodePort"):
        value = at(live, "spec", name)
        desired = with_value(desired, ("spec", name), value) if value else desired
    return desired


def _health(obj: Obj) -> str:
    return health(not _is_balanced(obj) or has_address(obj))


def _reflect(obj: Obj) -> Obj | None:
    return {"loadBalancer": status_of(obj).get("loadBalancer") or {}} if _is_balanced(obj) else None


def _aggregate(template: Obj, items: Sequence[Item]) -> Obj | None:
    return {**status_of(template), "loadBalancer": merged(items)} if _is_balanced(template) else None


KIND = Kind(retain=_retain, health=_health, reflect=_reflect, aggregate=_aggregate)
