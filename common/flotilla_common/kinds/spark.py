"""SparkApplication (sparkoperator.k8s.io): a driver and its executors, which ask for more memory than their heap."""

from collections.abc import Mapping
from typing import Any

from ..objects import Obj
from .base import Kind, at, health, spec_of, status_of
from .components import bytes_of, component, number_at, sized

__all__ = ["KIND"]

_LEAST_OVERHEAD = 384 * 2**20
_ON_THE_JVM = ("Java", "Scala")


def _components(obj: Obj) -> list[Obj]:
    spec = spec_of(obj)
    return [
        component("driver", 1, _needs(spec, "driver")),
        component("executor", _executors(spec), _needs(spec, "executor")),
    ]


def _executors(spec: Mapping[str, Any]) -> int:
    """With dynamic allocation those it begins with."""
    allocation = spec.get("dynamicAllocation") or {}
    if allocation.get("enabled"):
        sizes = (number_at(allocation, name) for name in ("initialExecutors", "minExecutors"))
        if known := [size for size in sizes if size is not None]:
            return max(known)
    asked = number_at(spec, "executor", "instances")
    return 1 if asked is None else asked


def _needs(spec: Mapping[str, Any], role: str) -> Obj | None:
    heap = at(spec, role, "memory")
    if heap is None:
        return sized(at(spec, role, "cores"), None)
    memory = bytes_of(heap)
    percent = 10 if spec.get("type") in _ON_THE_JVM else 40
    return sized(at(spec, role, "cores"), memory + max(memory * percent // 100, _LEAST_OVERHEAD))


def _health(obj: Obj) -> str:
    state = at(status_of(obj), "applicationState", "state")
    return health(bool(state) and state != "FAILED")


KIND = Kind(components=_components, health=_health)
