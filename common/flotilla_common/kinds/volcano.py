"""Job (batch.volcano.sh): tasks that start together or not at all."""

from ..objects import Obj
from .base import Kind, at, health, spec_of, status_of
from .components import component, number_at
from .pod_template import requirements_of

__all__ = ["KIND"]

_WELL = frozenset(
    ("Running", "Completed", "Pending", "Aborting", "Aborted", "Restarting", "Completing", "Terminating", "Terminated")
)


def _components(obj: Obj) -> list[Obj]:
    """Of each task as many pods as it needs to start."""
    return [
        component(
            str(task.get("name") or f"task-{i}"),
            number_at(task, "minAvailable") or 1,
            requirements_of(task.get("template") or {}),
        )
        for i, task in enumerate(spec_of(obj).get("tasks") or ())
    ]


def _health(obj: Obj) -> str:
    return health(at(status_of(obj), "state", "phase") in _WELL)


KIND = Kind(components=_components, health=_health)
