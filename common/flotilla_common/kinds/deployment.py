"""Deployment (apps)."""

from ..labels import RETAIN_REPLICAS
from ..objects import Obj, labels_of
from .base import Kind, at, health, with_value
from .counters import aggregator, covers, reflector, replicas, revise, wanted
from .references import pods_of

__all__ = ["KIND"]

_COUNTERS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas")


def _retain(desired: Obj, live: Obj) -> Obj:
    """The member's own replica count stands where the template says that an autoscaler lives there."""
    count = at(live, "spec", "replicas")
    if labels_of(desired).get(RETAIN_REPLICAS) != "true" or count is None:
        return desired
    return with_value(desired, ("spec", "replicas"), count)


def _health(obj: Obj) -> str:
    return health(covers(obj, wanted(obj), "updatedReplicas", "availableReplicas"))


KIND = Kind(
    replicas=replicas,
    revise=revise,
    retain=_retain,
    health=_health,
    reflect=reflector(_COUNTERS),
    aggregate=aggregator(_COUNTERS),
    dependencies=pods_of("spec", "template", "spec"),
)
