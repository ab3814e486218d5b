"""Reports of the agents, gathered into the binding's status and the template's. Keys are bindings."""

from collections.abc import Awaitable

from flotilla_common.conditions import find
from flotilla_common.runtime.loop import together
from flotilla_common.runtime.queue import KeyQueue
from flotilla_common.subjects import WorkSubject

from ..dispatch.entry import WorkEntry
from ..status.aggregate import aggregate
from ..status.pace import FIRST_WORD, patience
from ..status.template import template_status
from ..store.objects import Event
from ..store.port import Key
from .changes import targets_changed
from .controller import MANY, RESYNC, Hub, all_bindings, is_binding, key_of_origin, origin_of, template_key_of
from .gather import Gathered

__all__ = ["AggregateController"]

_COUNTED = 20
"""Up to so many Works it is counted, at each report, who has yet to answer."""


class AggregateController:
    name = "aggregate"
    workers = MANY

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub
        self._told = Gathered[Key](self.queue.add)
        hub.troubles.subscribe(self.queue.add)

    def notice(self, event: Event) -> None:
        """A changed set of targets changes who counts; our own status writes must not wake us again."""
        key = event.record.key
        if not is_binding(key):
            return
        if event.type == "DELETED":
            self._told.forget(key)
        elif targets_changed(event):
            says_something = find((event.record.seen().get("status") or {}).get("conditions"), "FullyApplied")
            self._told.add((key,), 0.0 if says_something else FIRST_WORD)

    def notice_work(self, _subject: WorkSubject, entry: WorkEntry) -> None:
        key = key_of_origin(entry.origin)
        if key is not None and entry.told is not None:
            self._told.add((key,), self._patience(entry.origin))

    def _patience(self, origin: str) -> float:
        count = self._hub.works.count_of(origin)
        if count > _COUNTED:
            return patience(0, count)
        works = self._hub.works.of_origin(origin)
        return patience(sum(entry.told is not None and entry.about is None for _, entry in works), count)

    def resync(self) -> None:
        for key in all_bindings(self._hub.objects):
            self.queue.add(key, RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        binding = self._hub.objects.look(key)
        if binding is None or binding["metadata"].get("deletionTimestamp"):
            return None
        works = self._hub.works.of_origin(origin_of(key))
        reports = {entry.cluster: entry.told for _, entry in works if entry.told is not None and not entry.deleted}
        after = aggregate(binding, reports, self._hub.now(), self._hub.troubles.of(key))
        template_key = template_key_of(binding, self._hub.registry)
        template = self._hub.objects.look(template_key) if template_key else None
        reflected = template_status(template, after or binding) if template is not None else None
        writes: list[Awaitable[object]] = []
        if after is not None:
            writes.append(self._hub.objects.update(key, after))
        if template_key is not None and reflected is not None:
            writes.append(self._hub.objects.update(template_key, reflected))
        await together(writes)
        return None
