"""URL paths of the Kubernetes API, read into what they name. Pure."""

from typing import NamedTuple

__all__ = ["Target", "parse_path"]

_OF_NAMESPACES = frozenset({"status", "finalize"})


class Target(NamedTuple):
    """`plural` is empty for a group or a version; `name` is empty for a collection."""

    group: str
    version: str = ""
    plural: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def parse_path(path: str) -> Target | None:
    """None for what names no group: /apis itself, other paths, and what is too deep. `/api` is `Target("")`."""
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["api"]:
        return _versioned("", parts[1:])
    if parts[:1] == ["apis"] and len(parts) > 1:
        return _versioned(parts[1], parts[2:])
    return None


def _versioned(group: str, parts: list[str]) -> Target | None:
    if not parts:
        return Target(group)
    version, rest = parts[0], parts[1:]
    namespace = ""
    # /namespaces/x/status is of the namespace itself, /namespaces/x/pods is of what is in it.
    if len(rest) > 2 and rest[0] == "namespaces" and not (group == "" and rest[2] in _OF_NAMESPACES):
        namespace, rest = rest[1], rest[2:]
    if len(rest) > 3:
        return None
    plural, name, subresource = (*rest, "", "", "")[:3]
    return Target(group, version, plural, namespace, name, subresource)
