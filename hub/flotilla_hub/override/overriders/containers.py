"""The containers of the kinds whose image, command and arguments can be overridden. Not an overrider itself."""

from collections.abc import Iterator
from typing import Any

from flotilla_common.objects import Obj

__all__ = ["containers_of", "edit_lists"]

WITH_TEMPLATE = frozenset(("DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet"))


def containers_of(manifest: Obj) -> Iterator[dict[str, Any]]:
    """Never init containers, as upstream; none for any other kind."""
    kind, spec = manifest.get("kind"), _map(manifest.get("spec"))
    if kind in WITH_TEMPLATE:
        spec = _map(_map(spec.get("template")).get("spec"))
    elif kind != "Pod":
        return
    yield from (c for c in spec.get("containers") or () if isinstance(c, dict))


def edit_lists(manifest: Obj, key: str, name: str, operator: str, items: tuple[str, ...]) -> None:
    """Add to, or remove equal items from, the list `key` of the containers called `name`."""
    for container in containers_of(manifest):
        if container.get("name") != name:
            continue
        present = list(container.get(key) or ())
        if operator == "add":
            container[key] = [*present, *items]
        elif key in container:
            container[key] = [item for item in present if item not in items]


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
