"""What a binding uses of its namespace's quota, once it has a place: its replicas times what each of them requests."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from flotilla_common.errors import Invalid
from flotilla_common.objects import Obj
from flotilla_common.quantity import amount_of, format_amount

__all__ = ["Usage", "family_of", "highest", "listed", "summed", "usage_of"]

Usage = Mapping[str, Fraction]
"""Exact amounts by resource name: cores, bytes, or counts."""


def usage_of(binding: Obj, *, by_components: bool = False) -> Usage:
    """Nothing while it has no place. `by_components`: workloads of several pod templates count one set per cluster."""
    spec = binding.get("spec") or {}
    clusters, components = spec.get("clusters") or (), spec.get("components") or ()
    if by_components and components:
        each = (_times(c.get("replicaRequirements"), c.get("replicas") or 0) for c in components)
        return {name: amount * len(clusters) for name, amount in summed(each).items() if clusters}
    return _times(spec.get("replicaRequirements"), sum(c.get("replicas") or 0 for c in clusters))


def summed(usages: Iterable[Usage]) -> dict[str, Fraction]:
    total: dict[str, Fraction] = {}
    for usage in usages:
        for name, amount in usage.items():
            total[name] = total.get(name, Fraction(0)) + amount
    return total


def highest(one: Usage, other: Usage) -> dict[str, Fraction]:
    """The larger amount of each resource."""
    names = one.keys() | other.keys()
    return {name: max(usage[name] for usage in (one, other) if name in usage) for name in names}


def listed(usage: Usage, like: Mapping[str, Any]) -> dict[str, str]:
    """As a ResourceList, of the resources in `like` that are used, each spelled in the units it has there."""
    return {name: format_amount(usage[name], family_of(like[name])) for name in like if usage.get(name)}


def family_of(quantity: Any) -> str:
    """The family of units (`format_amount`) a quantity is written in: binary or decimal."""
    return "i" if str(quantity).endswith("i") else ""


def _times(requirements: Mapping[str, Any] | None, count: int) -> dict[str, Fraction]:
    request = (requirements or {}).get("resourceRequest") or {}
    try:
        used = {name: amount_of(quantity) * count for name, quantity in request.items()}
    except Invalid:
        return {}  # an older release may have stored it; what cannot be read cannot be charged
    return {name: amount for name, amount in used.items() if amount > 0}
