"""FlinkDeployment (flink.apache.org): a job manager and its task managers."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from ..objects import Obj
from ..quantity import highest
from .base import Kind, at, health, spec_of, status_of
from .components import bytes_of, component, number_at, sized

__all__ = ["KIND"]

_SLOTS = "taskmanager.numberOfTaskSlots"
_SETTLED = frozenset(("RUNNING", "FINISHED", "FAILED", "CANCELED", "SUSPENDED", "CANCELLING", "FAILING", "RESTARTING"))
_STARTING = ("CREATED", "INITIALIZING", "RECONCILING")
_STUCK = ("ErrImagePull", "ImagePullBackOff", "CrashLoopBackOff")


def _components(obj: Obj) -> list[Obj]:
    spec = spec_of(obj)
    return [
        component("jobmanager", number_at(spec, "jobManager", "replicas") or 1, _needs(spec, "jobManager")),
        component("taskmanager", _task_managers(spec), _needs(spec, "taskManager")),
    ]


def _task_managers(spec: Mapping[str, Any]) -> int:
    """As many as are asked for, or as the job's parallelism fills."""
    asked = number_at(spec, "taskManager", "replicas")
    if asked is not None:
        return asked
    parallelism, slots = number_at(spec, "job", "parallelism"), number_at(spec, "flinkConfiguration", _SLOTS) or 1
    return ceil(parallelism / slots) if parallelism else 1


def _needs(spec: Mapping[str, Any], role: str) -> Obj | None:
    memory = at(spec, role, "resource", "memory")
    return sized(at(spec, role, "resource", "cpu"), None if memory is None else bytes_of(memory))


def _replicas(obj: Obj) -> tuple[int, Obj | None]:
    """All its pods, each as large as the largest."""
    parts = _components(obj)
    needs = [part["replicaRequirements"]["resourceRequest"] for part in parts if "replicaRequirements" in part]
    request = highest(*needs)
    return sum(part["replicas"] for part in parts), {"resourceRequest": request} if request else None


def _health(obj: Obj) -> str:
    """A job that has ended is no trouble of the cluster's; one that never gets to start may be, and says so."""
    status = status_of(obj)
    state = at(status, "jobStatus", "state")
    if state:
        is_stuck = any(word in str(status.get("error") or "") for word in _STUCK)
        return health(state in _SETTLED or (state in _STARTING and is_stuck))
    is_ready = status.get("jobManagerDeploymentStatus") == "READY"
    return health(is_ready and status.get("lifecycleState") == "STABLE")


KIND = Kind(replicas=_replicas, components=_components, health=_health)
