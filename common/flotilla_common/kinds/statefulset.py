"""StatefulSet (apps). Upstream does not reflect its observedGeneration, so that the template's never advances and
`kubectl rollout status` on the hub waits for ever; we reflect it."""

from ..objects import Obj
from .base import Kind, health
from .counters import aggregator, covers, reflector, replicas, revise, wanted

__all__ = ["KIND"]

_COUNTERS = ("availableReplicas", "currentReplicas", "readyReplicas", "replicas", "updatedReplicas")


def _health(obj: Obj) -> str:
    return health(covers(obj, wanted(obj), "updatedReplicas", "availableReplicas"))


KIND = Kind(
    replicas=replicas, revise=revise, health=_health, reflect=reflector(_COUNTERS), aggregate=aggregator(_COUNTERS)
)
