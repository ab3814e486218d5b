"""Pod (core)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..conditions import is_true
from ..objects import Obj
from .base import Item, Kind, health, spec_of, status_in, status_of, statuses, worst
from .pod_template import requirements_of
from .references import pods_of

__all__ = ["KIND"]

_WORST_FIRST = ("Failed", "Pending", "Running", "Succeeded")
_CONTAINER_LISTS = ("containerStatuses", "initContainerStatuses")


def _replicas(obj: Obj) -> tuple[int, Obj | None]:
    return 1, requirements_of(obj)


def _retain(desired: Obj, live: Obj) -> Obj:
    """A member's scheduler and admission fill in node, service account, volumes and mounts; all are immutable."""
    was, spec = spec_of(live), dict(spec_of(desired))
    spec.update({name: was[name] for name in ("nodeName", "serviceAccountName", "volumes") if name in was})
    for name in ("containers", "initContainers"):
        if spec.get(name):
            spec[name] = _with_mounts(spec[name], was.get(name) or ())
    return {**desired, "spec": spec}


def _with_mounts(desired: Iterable[Obj], live: Iterable[Mapping[str, Any]]) -> list[Obj]:
    mounts = {c["name"]: c["volumeMounts"] for c in live if "volumeMounts" in c}
    return [{**c, "volumeMounts": mounts[c["name"]]} if c.get("name") in mounts else c for c in desired]


def _health(obj: Obj) -> str:
    status = status_of(obj)
    ready = status.get("phase") == "Running" and is_true(status.get("conditions"), "Ready")
    return health(status.get("phase") == "Succeeded" or ready)


def _aggregate(_: Obj, items: Sequence[Item]) -> Obj | None:
    """The worst phase of all (unknown counts as Pending), and every container with what `kubectl get pods` reads."""
    status = worst((status_in(item).get("phase") or "Pending" for item in items), _WORST_FIRST)
    for name in _CONTAINER_LISTS:
        containers = [c for s in statuses(items) for c in s.get(name) or ()]
        if containers:
            status[name] = [{"ready": c.get("ready", False), "state": c.get("state") or {}} for c in containers]
    return status


KIND = Kind(replicas=_replicas, retain=_retain, health=_health, aggregate=_aggregate, dependencies=pods_of("spec"))
