"""What a kind may know about itself, and the small readings that several kinds share. The table is in `__init__`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..labels import TEMPLATE_GENERATION
from ..objects import Obj, annotations_of, meta_of

__all__ = [
    "HEALTHY",
    "UNHEALTHY",
    "UNKNOWN",
    "Item",
    "Kind",
    "at",
    "conditions_of",
    "counted",
    "generations",
    "health",
    "is_settled",
    "observes_itself",
    "spec_of",
    "status_in",
    "status_of",
    "statuses",
    "summed",
    "with_value",
    "worst",
]

HEALTHY, UNHEALTHY, UNKNOWN = "Healthy", "Unhealthy", "Unknown"

Item = Mapping[str, Any]
"""One cluster's line of a binding's `aggregatedStatus`: clusterName, status (absent until known), applied, health."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The functions a kind answers; where one is None the default of `generic.py` stands. None changes its input."""

    replicas: Callable[[Obj], tuple[int, Obj | None]] | None = None
    """How many pods, and what one of them needs (`replicaRequirements` of a binding)."""
    components: Callable[[Obj], list[Obj]] | None = None
    """Of a kind with several pod templates: each as `{name, replicas, replicaRequirements}`."""
    revise: Callable[[Obj, int], Obj] | None = None
    """The manifest with another number of replicas."""
    retain: Callable[[Obj, Obj], Obj] | None = None
    """(desired, live): the desired manifest with what the member's own controllers decided."""
    health: Callable[[Obj], str] | None = None
    """Healthy, Unhealthy or Unknown, from the live object."""
    reflect: Callable[[Obj], Obj | None] | None = None
    """What of the live object's status travels to the hub."""
    aggregate: Callable[[Obj, Sequence[Item]], Obj | None] | None = None
    """(template, one item per cluster): the template's new status, or None to leave the one it has."""
    dependencies: Callable[[Obj], list[Obj]] | None = None
    """What a template refers to: objects with apiVersion, kind, namespace, and name or labelSelector."""


def spec_of(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    return obj.get("spec") or {}


def status_of(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    return obj.get("status") or {}


def status_in(item: Item) -> Mapping[str, Any]:
    """The member's status, empty until known."""
    status = item.get("status")
    # A custom resource may call anything its status, a mere string too.
    return status if isinstance(status, Mapping) else {}


def statuses(items: Iterable[Item]) -> list[Mapping[str, Any]]:
    """The statuses that are known, in cluster order."""
    return [status for item in items if (status := status_in(item))]


def conditions_of(status: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The conditions in Kubernetes' sense: a custom resource may give the name to something else, which is none."""
    conditions = status.get("conditions")
    return [c for c in conditions if isinstance(c, dict)] if isinstance(conditions, list) else []


def worst(phases: Iterable[str | None], worst_first: Sequence[str]) -> Obj:
    """`{"phase": ...}` with the worst of them, empty when none is known."""
    found = set(phases)
    return next(({"phase": phase} for phase in worst_first if phase in found), {})


def health(is_healthy: bool) -> str:
    return HEALTHY if is_healthy else UNHEALTHY


def at(obj: Mapping[str, Any], *path: str) -> Any:
    """The value under `path`, or None where the path breaks off."""
    value: Any = obj
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def with_value(obj: Obj, path: Sequence[str], value: Any) -> Obj:
    """`obj` with `value` under `path`; copies the levels on the way and shares all else."""
    key, *rest = path
    return {**obj, key: with_value(obj.get(key) or {}, rest, value) if rest else value}


def counted(status: Mapping[str, Any], names: Iterable[str]) -> Obj:
    """Those of the counters that are not zero, as Kubernetes leaves zeros out of a status."""
    return {name: status[name] for name in names if status.get(name)}


def summed(items: Iterable[Item], names: Iterable[str]) -> Obj:
    """Each counter added up over the clusters, zeros left out."""
    known = statuses(items)
    sums = {name: sum(int(status.get(name) or 0) for status in known) for name in names}
    return {name: value for name, value in sums.items() if value}


def generations(obj: Obj) -> Obj:
    """The member's generation, and which generation of the template the member's object was made from.

    Upstream fails on an object without that annotation; here the field is left out, and the object counts as outdated.
    """
    found: Obj = {"generation": int(meta_of(obj).get("generation") or 0)}
    text = annotations_of(obj).get(TEMPLATE_GENERATION, "")
    if text.isdecimal():
        found["resourceTemplateGeneration"] = int(text)
    return found


def is_settled(template: Obj, items: Iterable[Item]) -> bool:
    """Whether every member's controller has seen what the template says now. One without a status has not."""
    wanted = int(meta_of(template).get("generation") or 0)
    for item in items:
        status = status_in(item)
        if status.get("observedGeneration", 0) < status.get("generation", 0):
            return False
        if status.get("resourceTemplateGeneration", 0) < wanted:
            return False
    return True


def observes_itself(obj: Obj) -> bool:
    """Whether the object's controller has seen its latest spec."""
    return bool(status_of(obj).get("observedGeneration", 0) == meta_of(obj).get("generation", 0))
