"""ReplicaSet (apps)."""

from ..objects import Obj
from .base import Kind, at, health, observes_itself
from .counters import aggregator, reflector, replicas, revise, wanted
from .references import pods_of

__all__ = ["KIND"]

_COUNTERS = ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas")


def _health(obj: Obj) -> str:
    return health(observes_itself(obj) and (at(obj, "status", "availableReplicas") or 0) >= wanted(obj))


KIND = Kind(
    replicas=replicas,
    revise=revise,
    health=_health,
    reflect=reflector(_COUNTERS),
    aggregate=aggregator(_COUNTERS),
    dependencies=pods_of("spec", "template", "spec"),
)
