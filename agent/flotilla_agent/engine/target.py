"""The Target port: all an engine wants from a cluster, in our words. Twins in `targets/`, one law in contract tests."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any, Protocol

from flotilla_common.errors import Retryable
from flotilla_common.objects import GVK, Obj, Ref

from ..estimate.nodes import NodeBook

__all__ = ["SYNCED", "Facts", "Missing", "Seen", "Synced", "Target"]


class Missing(Retryable):
    """The kind or the namespace an object needs is not there, yet: it may be on its way in another Work."""

    reason = "NotReady"


@dataclass(frozen=True, slots=True)
class Seen:
    """A managed object as it now is; `obj` is None when it is gone, or no longer carries the managed label."""

    ref: Ref
    obj: Obj | None


@dataclass(frozen=True, slots=True)
class Synced:
    """All that is there has been told: after the first pass, and again after each time the cluster was away."""


SYNCED = Synced()


@dataclass(frozen=True, slots=True)
class Facts:
    """The cluster's own state: `status` is the body of Cluster.status (Kubernetes' words and units), and `graded` by
    which grades its nodes are counted there (`node_grades.digest_of_grades`).

    While the cluster is away, the last known fields stay and only the conditions tell.
    """

    status: dict[str, Any] = field(default_factory=dict)
    graded: str = ""


class Target(Protocol):
    """One cluster. What a caller gets is its own copy.

    All raise Unavailable while the cluster cannot be reached and Forbidden when it will not have us.
    """

    async def get(self, ref: Ref) -> Obj | None:
        """The object as it is, or None: also when its kind or its namespace does not exist."""
        ...

    async def apply(self, obj: Obj, *, force: bool) -> Obj:
        """Make our fields of the object what `obj` says, creating it if need be; fields of others stay.

        Fields we set before and no longer set are removed. `force` takes fields over that others have set to something
        else. `metadata.uid`, when given, must be the object's. Returns the object as stored.
        Raises Missing (kind or namespace), Invalid, Conflict (a field of another's, or not that uid).
        """
        ...

    async def release(self, ref: Ref, *, uid: str, labels: tuple[str, ...], annotations: tuple[str, ...]) -> None:
        """Remove these label and annotation keys and leave everything else. Absent is fine. Raises Conflict (uid)."""
        ...

    async def delete(self, ref: Ref, *, uid: str | None = None) -> None:
        """Start the object's removal, dependents in the background. Absent is fine. Raises Conflict when it has another
        uid.
        """
        ...

    def watch(self, gvk: GVK) -> AsyncGenerator[Seen | Synced, None]:
        """Managed objects of a kind: all there are, then SYNCED, then every change, for ever.

        It reconnects by itself; what changed or vanished meanwhile is told then, and SYNCED follows. Only the last of
        several quick changes may be told. Close it (`contextlib.aclosing`).
        """
        ...

    async def facts(self) -> Facts:
        """Version, APIs, nodes and resources, and the conditions Ready and CompleteAPIEnablements. Does not raise when
        the cluster is away: the Ready condition says so.
        """
        ...

    def grade_nodes(self, grades: list[Obj]) -> None:
        """From now on count nodes by these, as in `Cluster.spec.resourceModels`; before, by upstream's default."""
        ...

    async def rooms(self, patience: float, *, quotas: bool = False) -> NodeBook | None:
        """What is free on each node as of now, or None when that is not known within `patience` seconds.

        `quotas`: with the ResourceQuotas of every namespace. Do not change what you get.
        """
        ...

    async def close(self) -> None:
        """Let go of connections. Watches end."""
        ...
