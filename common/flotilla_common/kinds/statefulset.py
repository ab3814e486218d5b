"""StatefulSet (apps). Upstream does not reflect its observedGeneration, so that the template's never advances and
`kubectl rollout status` on the hub waits for ever; we reflect it."""

from ..objects import Obj
from .base import Kind, at, health, spec_of
from .counters import aggregator, covers, reflector, replicas, revise, wanted
from .references import pods_of

__all__ = ["KIND"]

_COUNTERS = ("availableReplicas", "currentReplicas", "readyReplicas", "replicas", "updatedReplicas")


def _health(obj: Obj) -> str:
    return health(covers(obj, wanted(obj), "updatedReplicas", "availableReplicas"))


_of_pods = pods_of("spec", "template", "spec")


def _dependencies(obj: Obj) -> list[Obj]:
    """Without the claims it makes itself, one for each pod."""
    made = {at(claim, "metadata", "name") for claim in spec_of(obj).get("volumeClaimTemplates") or ()}
    return [found for found in _of_pods(obj) if found["kind"] != "PersistentVolumeClaim" or found["name"] not in made]


KIND = Kind(
    replicas=replicas,
    revise=revise,
    health=_health,
    reflect=reflector(_COUNTERS),
    aggregate=aggregator(_COUNTERS),
    dependencies=_dependencies,
)
