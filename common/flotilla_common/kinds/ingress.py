"""Ingress (networking.k8s.io)."""

from collections.abc import Sequence

from ..objects import Obj
from .base import Item, Kind, health, status_of
from .load_balancer import has_address, merged

__all__ = ["KIND"]


def _health(obj: Obj) -> str:
    return health(has_address(obj))


def _reflect(obj: Obj) -> Obj | None:
    return {"loadBalancer": status_of(obj).get("loadBalancer") or {}}


def _aggregate(template: Obj, items: Sequence[Item]) -> Obj | None:
    return {**status_of(template), "loadBalancer": merged(items)}


KIND = Kind(health=_health, reflect=_reflect, aggregate=_aggregate)
