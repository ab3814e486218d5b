"""The clusters an engine can work on: one row for each kind of address."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from flotilla_common.errors import FieldError, Invalid

from ..engine.target import Target

__all__ = ["open_target"]


async def _memory(url: str) -> Target:
    from .memory import MemoryTarget
    from .memory_settings import MemorySettings

    return MemoryTarget(MemorySettings.parse(url))


async def _kubernetes(url: str) -> Target:
    from .kubernetes import KubernetesTarget

    return await KubernetesTarget.open(url)


# Imported when used: an agent of a simulated cluster does without the Kubernetes client, and the other way round.
_TARGETS: dict[str, Callable[[str], Awaitable[Target]]] = {
    "memory": _memory,
    "kubernetes": _kubernetes,
}


async def open_target(url: str) -> Target:
    """`memory://NAME?state=FILE` or `kubernetes:///path/of/kubeconfig?context=NAME`, `kubernetes://in-cluster`.

    Raises Invalid for an address no target understands. Close it when done.
    """
    scheme = urlsplit(url).scheme
    if scheme not in _TARGETS:
        known = ", ".join(f"{name}://" for name in _TARGETS)
        raise Invalid(f"target {url!r}", [FieldError("target", f"must begin with one of {known}")])
    return await _TARGETS[scheme](url)
