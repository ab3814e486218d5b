"""When a binding must leave the clusters whose NoExecute taints it does not, or no longer, tolerates. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from flotilla_common.objects import Obj, annotations_of, decode
from flotilla_common.times import seconds_since

from ..model.cluster import Taint
from ..model.policy import Toleration
from ..scheduler.due import APPLIED_PLACEMENT
from ..scheduler.plugins.taint_toleration import tolerates

__all__ = ["Deadline", "deadlines", "no_execute_taints"]


class Deadline(NamedTuple):
    """`left`: seconds, zero or less when it is time to leave `cluster`."""

    cluster: str
    left: float


def no_execute_taints(cluster: Obj) -> list[Mapping[str, Any]]:
    return [t for t in (cluster.get("spec") or {}).get("taints") or () if t.get("effect") == "NoExecute"]


def deadlines(binding: Obj, taints: Mapping[str, Sequence[Mapping[str, Any]]], now: str) -> list[Deadline]:
    """Of the binding's targets that it must leave, now or later. `taints`: cluster → its NoExecute taints as stored."""
    tolerations = _tolerations(binding)
    targets = [c["name"] for c in (binding.get("spec") or {}).get("clusters") or ()]
    found = ((name, _left(taints[name], tolerations, now)) for name in targets if taints.get(name))
    return [Deadline(name, left) for name, left in found if left is not None]


def _left(taints: Iterable[Mapping[str, Any]], tolerations: Sequence[Toleration], now: str) -> float | None:
    """None when all are tolerated for ever."""
    lefts: list[float] = []
    for taint in taints:
        seen = Taint(taint["key"], taint.get("value") or "", "NoExecute")
        matching = [toleration for toleration in tolerations if tolerates(toleration, seen)]
        if not matching:
            return 0.0
        age = seconds_since(taint.get("timeAdded"), now, unreadable=0.0)
        lefts += [t.toleration_seconds - age for t in matching if t.toleration_seconds is not None]
    return min(lefts, default=None)


def _tolerations(binding: Obj) -> Sequence[Toleration]:
    """Those of the placement in force: a change that is not yet scheduled must not evict."""
    try:
        placement = decode(annotations_of(binding).get(APPLIED_PLACEMENT, "{}").encode())
        return [Toleration.model_validate(t) for t in placement.get("clusterTolerations") or ()]
    except (ValueError, ValidationError):
        return ()
