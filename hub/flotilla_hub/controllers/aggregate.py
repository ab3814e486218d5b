"""Reports of the agents, gathered into the binding's status and the template's. Keys are bindings."""

from collections.abc import Awaitable

from flotilla_common.runtime.loop import together
from flotilla_common.runtime.queue import KeyQueue
from flotilla_common.subjects import WorkSubject

from ..dispatch.entry import WorkEntry
from ..status.aggregate import aggregate
from ..status.template import template_status
from ..store.objects import Event
from ..store.port import Key
from .controller import RESYNC, Hub, all_bindings, is_binding, key_of_origin, origin_of, template_key_of

__all__ = ["AggregateController"]


class AggregateController:
    name = "aggregate"
    workers = 8

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub
        hub.troubles.subscribe(self.queue.add)

    def notice(self, event: Event) -> None:
        """A changed set of targets changes who counts; our own status writes must not wake us again."""
        if not is_binding(event.record.key) or event.type == "DELETED" or event.old is None:
            return
        if event.old.obj().get("spec") != event.record.obj().get("spec"):
            self.queue.add(event.record.key)

    def notice_work(self, _subject: WorkSubject, entry: WorkEntry) -> None:
        key = key_of_origin(entry.origin)
        if key is not None and entry.report is not None:
            self.queue.add(key)

    def resync(self) -> None:
        for key in all_bindings(self._hub.objects):
            self.queue.add(key, RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        binding = self._hub.objects.get(key)
        if binding is None or binding["metadata"].get("deletionTimestamp"):
            return None
        works = self._hub.works.of_origin(origin_of(key))
        reports = {s.cluster: e.report for s, e in works if e.report is not None and not e.deleted}
        after = aggregate(binding, reports, self._hub.now(), self._hub.troubles.of(key))
        template_key = template_key_of(binding, self._hub.registry)
        template = self._hub.objects.get(template_key) if template_key else None
        reflected = template_status(template, after or binding) if template is not None else None
        writes: list[Awaitable[object]] = []
        if after is not None:
            writes.append(self._hub.objects.update(key, after))
        if template_key is not None and reflected is not None:
            writes.append(self._hub.objects.update(template_key, reflected))
        await together(writes)
        return None
