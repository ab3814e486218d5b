"""Ingress (networking.k8s.io)."""

from collections.abc import Sequence

from ..objects import Obj, namespace_of
from .base import Item, Kind, health, spec_of, status_of
from .load_balancer import has_address, merged
from .references import secrets

__all__ = ["KIND"]


def _health(obj: Obj) -> str:
    return health(has_address(obj))


def _reflect(obj: Obj) -> Obj | None:
    return {"loadBalancer": status_of(obj).get("loadBalancer") or {}}


def _aggregate(template: Obj, items: Sequence[Item]) -> Obj | None:
    return {**status_of(template), "loadBalancer": merged(items)}


def _dependencies(obj: Obj) -> list[Obj]:
    """The certificates."""
    return secrets(
        namespace_of(obj), sorted({entry.get("secretName") or "" for entry in spec_of(obj).get("tls") or ()})
    )


KIND = Kind(health=_health, reflect=_reflect, aggregate=_aggregate, dependencies=_dependencies)
