"""One watch on a simulated cluster: what it still has to tell, the latest state of each object only."""

import asyncio

from flotilla_common import labels
from flotilla_common.objects import GVK, Obj, Ref, labels_of

from ..engine.inventory import Identity
from ..engine.target import SYNCED, Seen, Synced

__all__ = ["MemoryWatch"]


class MemoryWatch:
    """Sees all changes, keeps those of managed objects of one kind, and holds them while the cluster is cut off."""

    def __init__(self, gvk: GVK) -> None:
        self._gvk = gvk
        self._told: set[Identity] = set()
        self._pending: dict[Identity, Seen] = {}
        self._is_synced = False
        self._is_held = False
        self._ready = asyncio.Event()

    def see(self, key: Identity, obj: Obj | None) -> None:
        if (key.group, key.kind) != (self._gvk.group, self._gvk.kind):
            return
        is_managed = obj is not None and labels_of(obj).get(labels.MANAGED) == "true"
        if is_managed:
            self._told.add(key)
        elif key in self._told:
            self._told.discard(key)
        else:
            return
        ref = Ref(self._gvk, key.namespace, key.name)
        self._pending[key] = Seen(ref, obj if is_managed else None)
        self._wake()

    def hold(self) -> None:
        """The cluster is cut off."""
        self._is_held = True
        self._ready.clear()

    def sync(self) -> None:
        """Everything there is has been seen; after `hold`, the cluster is back."""
        self._is_held = False
        self._is_synced = True
        self._wake()

    async def take(self) -> list[Seen | Synced]:
        """Wait for news and return all there is."""
        await self._ready.wait()
        self._ready.clear()
        events: list[Seen | Synced] = [*self._pending.values()]
        self._pending.clear()
        if self._is_synced:
            events.append(SYNCED)
            self._is_synced = False
        return events

    def _wake(self) -> None:
        if not self._is_held:
            self._ready.set()
