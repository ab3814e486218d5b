"""Tombstones that were answered are forgotten. Keys are Works."""

from flotilla_common.runtime.queue import KeyQueue
from flotilla_common.subjects import WorkSubject

from ..dispatch.entry import WorkEntry
from ..store.objects import Event
from .controller import RESYNC, Hub

__all__ = ["RemovalController"]


class RemovalController:
    name = "removal"
    workers = 16

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[WorkSubject] = KeyQueue()
        self._works = hub.works

    def notice(self, event: Event) -> None:
        """Objects do not concern it."""

    def notice_work(self, subject: WorkSubject, entry: WorkEntry) -> None:
        if entry.is_answered:
            self.queue.add(subject)

    def resync(self) -> None:
        for cluster in self._works.clusters():
            for subject, entry in self._works.of_cluster(cluster):
                if entry.is_answered:
                    self.queue.add(subject, RESYNC)

    async def reconcile(self, key: WorkSubject) -> float | None:
        entry = self._works.get(key)
        if entry is not None and entry.is_answered:
            await self._works.forget(key)
        return None
