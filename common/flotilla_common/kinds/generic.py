"""What holds for a kind nobody described: mostly custom resources, read by the conditions they publish.

Upstream calls every such object Healthy and never aggregates it. We go further where a controller speaks the common
language (conditions, observedGeneration), and agree with upstream where it does not.
"""

from collections.abc import Iterable, Sequence

from ..conditions import find
from ..objects import Obj, meta_of
from .base import HEALTHY, UNHEALTHY, UNKNOWN, Item, conditions_of, generations, status_in, status_of, statuses

__all__ = ["aggregate", "health", "merged_conditions", "observes_template", "reflect", "replicas", "retain", "revise"]

_SUMMARIES = ("Ready", "Available")
_OURS = ("generation", "resourceTemplateGeneration")
_HEALTHS = {"True": HEALTHY, "False": UNHEALTHY}


def replicas(_: Obj) -> tuple[int, Obj | None]:
    return 0, None


def revise(obj: Obj, _: int) -> Obj:
    return obj


def retain(desired: Obj, _: Obj) -> Obj:
    return desired


def health(obj: Obj) -> str:
    """Healthy without a Ready or Available condition; else what that says, once it is about the latest spec."""
    status = status_of(obj)
    found = next((c for type_ in _SUMMARIES if (c := find(conditions_of(status), type_))), None)
    if found is None:
        return HEALTHY
    seen = found.get("observedGeneration", status.get("observedGeneration"))
    if seen is not None and seen < meta_of(obj).get("generation", 0):
        return UNHEALTHY
    return _HEALTHS.get(found.get("status", ""), UNKNOWN)


def reflect(obj: Obj) -> Obj | None:
    """The whole status; with the generations beside an observedGeneration, as `aggregate` needs them to judge it."""
    status = obj.get("status")
    if not status:
        return None
    return {**status, **generations(obj)} if "observedGeneration" in status else status


def aggregate(template: Obj, items: Sequence[Item]) -> Obj | None:
    """Conditions merged, observedGeneration by the rule, and each further field on which all members agree.

    A field on which they differ has no value on the hub: it is in the binding's `aggregatedStatus`, cluster by cluster.
    Kinds whose members publish no conditions are left alone.
    """
    known = statuses(items)
    if not any(map(conditions_of, known)):
        return None
    first, *others = known
    agreed = {k: v for k, v in first.items() if k not in _OURS and all(k in o and o[k] == v for o in others)}
    agreed.pop("observedGeneration", None)
    status: Obj = {**agreed, "conditions": merged_conditions(items)}
    if "observedGeneration" in first and observes_template(template, items):
        status["observedGeneration"] = meta_of(template).get("generation", 0)
    elif (before := status_of(template).get("observedGeneration")) is not None:
        status["observedGeneration"] = before
    return status


def merged_conditions(items: Iterable[Item]) -> list[Obj]:
    """All conditions in cluster order, messages led by `<cluster>=`; equal (type, status, reason) become one entry."""
    merged: dict[tuple[str, str, str], Obj] = {}
    for item in items:
        for condition in conditions_of(status_in(item)):
            key = (condition.get("type", ""), condition.get("status", ""), condition.get("reason", ""))
            message = f"{item['clusterName']}={condition.get('message', '')}"
            if key in merged:
                merged[key]["message"] += f", {message}"
            else:
                merged[key] = {**condition, "message": message}
    return list(merged.values())


def observes_template(template: Obj, items: Iterable[Item]) -> bool:
    """Whether every member runs exactly the template's generation and its controller has seen that."""
    wanted = meta_of(template).get("generation", 0)
    for item in items:
        status = status_in(item)
        if status.get("resourceTemplateGeneration", 0) != wanted:
            return False
        if status.get("generation", 0) != status.get("observedGeneration", 0):
            return False
    return True
