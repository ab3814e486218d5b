"""What a simulated cluster says of itself: Cluster.status from its objects. Pure."""

from collections.abc import Iterable, Sequence

from flotilla_common.kinds import replicas_of
from flotilla_common.objects import Obj
from flotilla_common.quantity import add, amount_of, format_amount, units_of

from .apis import Api, enablements
from .conditions import NOT_REACHABLE, READY, complete, with_conditions
from .grading import Free, modelings
from .memory_rooms import NODE
from .simulated import Place

__all__ = ["summary", "unreachable"]


def summary(
    before: Obj, objects: Iterable[Obj], apis: Iterable[Api], version: str, place: Place, grades: Sequence[Obj]
) -> Obj:
    """Cluster.status; `before` is the last one, whose conditions keep their times. Nodes are counted by `grades`."""
    allocated = add(*(_requested(obj) for obj in objects))
    return {
        "kubernetesVersion": version,
        "apiEnablements": enablements(apis),
        "conditions": with_conditions(before, [READY, complete(True)], place.now),
        "nodeSummary": {"totalNum": place.nodes, "readyNum": place.nodes},
        "resourceSummary": {
            "allocatable": _times(NODE, place.nodes),
            "allocating": {},
            "allocated": allocated,
            "allocatableModelings": modelings(grades, [_share(allocated, place.nodes)] * place.nodes),
        },
    }


def _share(allocated: Obj, nodes: int) -> Free:
    """What one of them has left: its pods are said to be spread evenly."""
    taken = {name: -(-units_of(name, quantity) // nodes) for name, quantity in allocated.items()}
    return {name: units_of(name, quantity) - taken.get(name, 0) for name, quantity in NODE.items()}


def unreachable(before: Obj, now: str) -> Obj:
    """The same cluster, cut off: what was known stays."""
    return {**before, "conditions": with_conditions(before, [NOT_REACHABLE], now)}


def _requested(obj: Obj) -> Obj:
    count, needs = replicas_of(obj)
    if not count:
        return {}
    request = (needs or {}).get("resourceRequest") or {}
    return {**_times(request, count), "pods": str(count)}


def _times(resources: Obj, count: int) -> Obj:
    return {
        name: format_amount(amount_of(quantity) * count, "i" if str(quantity).endswith("i") else "")
        for name, quantity in resources.items()
    }
