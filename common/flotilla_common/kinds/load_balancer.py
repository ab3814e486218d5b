"""What Service and Ingress share: the addresses a load balancer was given."""

from collections.abc import Iterable
from typing import Any

from ..objects import Obj
from .base import Item, at, statuses

__all__ = ["has_address", "merged"]


def has_address(obj: Obj) -> bool:
    return any(entry.get("ip") or entry.get("hostname") for entry in at(obj, "status", "loadBalancer", "ingress") or ())


def merged(items: Iterable[Item]) -> Obj:
    """`{"ingress": [...]}` with every address of every cluster once, sorted; `{}` for none."""
    entries: list[dict[str, Any]] = []
    for status in statuses(items):
        entries += [e for e in at(status, "loadBalancer", "ingress") or () if e not in entries]
    entries.sort(key=lambda e: (e.get("ip") or "", e.get("hostname") or ""))
    return {"ingress": entries} if entries else {}
