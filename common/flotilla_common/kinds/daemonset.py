"""DaemonSet (apps). It has no replicas to divide: one pod per node, wherever it goes."""

from ..objects import Obj
from .base import Kind, at, health
from .counters import aggregator, covers, reflector
from .references import pods_of

__all__ = ["KIND"]

_COUNTERS = (
    "currentNumberScheduled",
    "desiredNumberScheduled",
    "numberAvailable",
    "numberMisscheduled",
    "numberReady",
    "numberUnavailable",
    "updatedNumberScheduled",
)


def _health(obj: Obj) -> str:
    desired = at(obj, "status", "desiredNumberScheduled") or 0
    return health(covers(obj, desired, "updatedNumberScheduled", "numberAvailable"))


KIND = Kind(
    health=_health,
    reflect=reflector(_COUNTERS),
    aggregate=aggregator(_COUNTERS),
    dependencies=pods_of("spec", "template", "spec"),
)
