"""What one pod of a workload needs, read from its pod template: node claim and resource request."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..objects import Obj
from ..quantity import Resources, add, highest
from .base import at

__all__ = ["request_of", "requirements_of"]


def requirements_of(template: Mapping[str, Any]) -> Obj | None:
    """`replicaRequirements` as a binding carries them, or None when the pods ask for nothing in particular."""
    spec = template.get("spec") or {}
    claim = {
        "hardNodeAffinity": at(spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"),
        "nodeSelector": spec.get("nodeSelector"),
        "tolerations": spec.get("tolerations"),
    }
    claim = {name: value for name, value in claim.items() if value}
    request = request_of(spec)
    return {**({"nodeClaim": claim} if claim else {}), **({"resourceRequest": request} if request else {})} or None


def request_of(spec: Mapping[str, Any]) -> Resources:
    """Containers together, or the largest init container where that is more, plus the pod's overhead."""
    running = add(*_requests(spec.get("containers")))
    return add(highest(running, *_requests(spec.get("initContainers"))), spec.get("overhead") or {})


def _requests(containers: Iterable[Mapping[str, Any]] | None) -> list[Resources]:
    # A limit stands in for a missing request, as the member's own apiserver would fill it in.
    resources = [container.get("resources") or {} for container in containers or ()]
    return [{**(r.get("limits") or {}), **(r.get("requests") or {})} for r in resources]
