"""What a simulated cluster says of itself: Cluster.status from its objects. Pure."""

from collections.abc import Iterable

from flotilla_common.kinds import replicas_of
from flotilla_common.objects import Obj
from flotilla_common.quantity import add, amount_of, format_amount

from .apis import Api, enablements
from .conditions import NOT_REACHABLE, READY, complete, with_conditions
from .memory_rooms import NODE
from .simulated import Place

__all__ = ["summary", "unreachable"]


def summary(before: Obj, objects: Iterable[Obj], apis: Iterable[Api], version: str, place: Place) -> Obj:
    """Cluster.status; `before` is the last one, whose conditions keep their times."""
    return {
        "kubernetesVersion": version,
        "apiEnablements": enablements(apis),
        "conditions": with_conditions(before, [READY, complete(True)], place.now),
        "nodeSummary": {"totalNum": place.nodes, "readyNum": place.nodes},
        "resourceSummary": {
            "allocatable": _times(NODE, place.nodes),
            "allocating": {},
            "allocated": add(*(_requested(obj) for obj in objects)),
        },
    }


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
