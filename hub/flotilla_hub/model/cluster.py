"""A Cluster as the scheduler reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple, Self

from flotilla_common.conditions import find
from flotilla_common.errors import Invalid
from flotilla_common.objects import GVK, Obj, labels_of, name_of
from flotilla_common.quantity import units_of

__all__ = ["Cluster", "NodeGrade", "Taint"]

PODS_PER_NODE = 110
"""Kubernetes' own limit, which grades do not tell of."""


class Taint(NamedTuple):
    key: str
    value: str
    effect: str

    def __str__(self) -> str:
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


class NodeGrade(NamedTuple):
    """`number` nodes that each have at least `least` free, by resource, in the units of `quantity.units_of`."""

    number: int
    least: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Cluster:
    """`ready` is the status of the Ready condition ("Unknown" when absent), and `ready_since` when it became that;
    `apis` what the member serves.
    """

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""
    region: str = ""
    zones: tuple[str, ...] = ()
    taints: tuple[Taint, ...] = ()
    sync_mode: str = "Push"
    ready: str = "Unknown"
    ready_since: str = ""
    apis: frozenset[GVK] = frozenset()
    apis_complete: bool = False
    terminating: bool = False
    free: Mapping[str, int] = field(default_factory=dict)
    """What no pod has asked for yet, in the units of `quantity.units_of`; below zero where too much was promised."""
    grades: tuple[NodeGrade, ...] = ()
    """Its nodes by what they have free, the least first; none where the member does not say."""

    @classmethod
    def of(cls, obj: Obj) -> Self:
        spec, status = obj.get("spec") or {}, obj.get("status") or {}
        conditions = {c.get("type"): c.get("status") for c in status.get("conditions") or ()}
        ready = find(status.get("conditions"), "Ready") or {}
        return cls(
            name=name_of(obj),
            labels=labels_of(obj),
            provider=spec.get("provider") or "",
            region=spec.get("region") or "",
            zones=tuple(spec.get("zones") or ([spec["zone"]] if spec.get("zone") else ())),
            taints=tuple(Taint(t["key"], t.get("value") or "", t["effect"]) for t in spec.get("taints") or ()),
            sync_mode=spec.get("syncMode") or "Push",
            ready=ready.get("status") or "Unknown",
            ready_since=ready.get("lastTransitionTime") or "",
            apis=_shared(
                frozenset(
                    GVK.parse(entry["groupVersion"], resource["kind"])
                    for entry in status.get("apiEnablements") or ()
                    for resource in entry.get("resources") or ()
                )
            ),
            apis_complete=conditions.get("CompleteAPIEnablements") == "True",
            terminating=bool((obj.get("metadata") or {}).get("deletionTimestamp")),
            free=_free(status.get("resourceSummary") or {}),
            grades=_grades(spec, status.get("resourceSummary") or {}),
        )

    def is_but_for_room(self, other: "Cluster") -> bool:
        """Whether nothing but free room differs, which moves all the time."""
        return replace(self, free=other.free, grades=other.grades) == other


@lru_cache(maxsize=256)
def _shared(apis: frozenset[GVK]) -> frozenset[GVK]:
    """The same set for every cluster that serves the same: thousands run few versions of Kubernetes."""
    return apis


def _free(summary: Mapping[str, Any]) -> dict[str, int]:
    """Nothing where the summary cannot be read: one cluster's nonsense must not stop the others from being used."""
    taken = [summary.get(part) or {} for part in ("allocated", "allocating")]
    try:
        return {
            name: units_of(name, quantity) - sum(units_of(name, part[name]) for part in taken if name in part)
            for name, quantity in (summary.get("allocatable") or {}).items()
        }
    except Invalid:
        return {}


def _grades(spec: Mapping[str, Any], summary: Mapping[str, Any]) -> tuple[NodeGrade, ...]:
    """Those that have nodes, or without any node the lowest, which then says so."""
    counted = summary.get("allocatableModelings") or ()
    if not counted:
        return ()
    try:
        numbers = {told.get("grade") or 0: int(told.get("count") or 0) for told in counted}
        models = sorted(spec.get("resourceModels") or (), key=lambda model: int(model.get("grade") or 0))
        grades = [NodeGrade(numbers.get(model.get("grade") or 0, 0), _least(model)) for model in models]
    except (Invalid, KeyError, TypeError, ValueError, AttributeError):
        return ()
    return tuple(grade for grade in grades if grade.number > 0) or tuple(grades[:1])


def _least(model: Mapping[str, Any]) -> Mapping[str, int]:
    return _least_of(tuple((bounds["name"], str(bounds["min"])) for bounds in model.get("ranges") or ()))


@lru_cache(maxsize=256)
def _least_of(ranges: tuple[tuple[str, str], ...]) -> Mapping[str, int]:
    """Most clusters have the same grades, and then share them."""
    return {**{name: units_of(name, least) for name, least in ranges}, "pods": PODS_PER_NODE}
