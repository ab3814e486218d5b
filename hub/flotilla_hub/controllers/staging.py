"""Where strategies meet the Works: asks them what may go out now, remembers whom they wait for, tells what they say."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from flotilla_common.conditions import find, with_condition
from flotilla_common.objects import Obj
from flotilla_common.subjects import WorkSubject

from ..dispatch.entry import WorkEntry
from ..names import SYSTEM_NAMESPACE
from ..status.event import Severity
from ..store.objects import Event
from ..store.port import Key
from ..strategies import is_plain, stage_of
from ..strategies.history import LIMIT
from ..strategies.resize import replicas_in, resized
from ..strategies.rolling_update import rolling_settings
from ..strategies.stage import Facts, Stage
from ..work.build import WorkDraft
from .changes import cluster_change
from .controller import Hub, origin_of
from .gather import Gathered
from .lenses import CLUSTERS
from .revisions import Revisions

__all__ = ["Staging"]

_AT_ONCE, _MOST = 1000, 1.0
"""Answers awaited for each second of pause, and its bound: each look builds the Works of all clusters anew."""


class Staging:
    """What it remembers saves looks, and is found again: a hub that starts looks at every binding.

    `look` is called with a binding that is to be looked at again.
    """

    def __init__(self, hub: Hub, look: Callable[[Key], None]) -> None:
        self._hub = hub
        self._revisions = Revisions(hub)
        self._awaited: dict[Key, frozenset[str]] = {}
        self._sizes: dict[Key, dict[str, tuple[int, tuple[int, ...]]]] = {}
        """By cluster that waits, the revision of its Work and the replicas in it."""
        self._answered = Gathered[Key](look)

    async def stage(self, key: Key, binding: Obj, template: Obj, wanted: Sequence[WorkDraft]) -> Stage:
        """What goes out in waves is on record before it does."""
        self._let_go(key)
        if is_plain(binding):
            return Stage(tuple(wanted))
        if settings := rolling_settings(binding):
            await self._revisions.note(template, settings.revision_history_limit or LIMIT)
        works, clusters = tuple(wanted), self._hub.lenses.clusters()
        held: dict[str, WorkEntry] = {s.cluster: entry for s, entry in self._hub.works.of_origin(origin_of(key))}
        stage = stage_of(Facts(binding, template, works, held, clusters, self._hub.now()))
        if stage.awaited or stage.held_back:
            self._awaited[key] = stage.awaited
        waiting = [w for w in works if w.cluster in stage.held_back and w.cluster in held]
        return replace(stage, works=(*stage.works, *await self._resized(key, waiting, held)))

    async def forget(self, key: Key, binding: Obj | None) -> None:
        """The binding is going, and with it what there is to go back to."""
        self._let_go(key)
        self._sizes.pop(key, None)
        if binding is not None:
            uid = str(binding["spec"]["resource"].get("uid") or "")
            await self._revisions.forget(uid, key.namespace or SYSTEM_NAMESPACE)

    def note_answer(self, key: Key, cluster: str) -> None:
        """What this cluster says may let something go on."""
        awaited = self._awaited.get(key, frozenset())
        if cluster in awaited:
            self._answered.add((key,), min(_MOST, len(awaited) / _AT_ONCE))

    def moved_by(self, event: Event) -> Iterator[Key]:
        """Bindings that wait, when a cluster can be reached again or no more."""
        if event.record.key.resource == CLUSTERS and self._awaited:
            before, after = cluster_change(event)
            if before is None or after is None or before.ready != after.ready:
                yield from list(self._awaited)

    async def tell(self, key: Key, stage: Stage) -> None:
        """Raises Conflict when someone else wrote the binding meanwhile: the strategy is asked again then."""
        binding = self._hub.objects.look(key) if stage.status is not None else None
        if binding is None or stage.status is None:
            return
        old = binding.get("status") or {}
        said = stage.status.condition
        status = {**old, **stage.status.record, "conditions": with_condition(old.get("conditions"), said)}
        if status == old:
            return
        before = find(old.get("conditions"), said["type"])
        if before is None or before.get("reason") != said["reason"]:
            severity: Severity = "Warning" if said["status"] == "False" else "Normal"
            self._hub.events.note(binding, severity, said["reason"], said["message"])
        await self._hub.objects.update(key, {**binding, "status": status})

    def _let_go(self, key: Key) -> None:
        self._awaited.pop(key, None)
        self._answered.forget(key)

    async def _resized(self, key: Key, waiting: Sequence[WorkDraft], held: Mapping[str, WorkEntry]) -> list[WorkDraft]:
        """The Works of clusters that wait, as they are but for the replicas. Each is read once."""
        known, sizes = self._sizes.pop(key, {}), {}
        changed = []
        for work in waiting:
            counts, entry = replicas_in(work.message), held[work.cluster]
            if not any(counts) or entry.deleted:
                continue
            sizes[work.cluster] = entry.revision, counts
            if known.get(work.cluster) == sizes[work.cluster]:
                continue
            message = await self._hub.works.read(WorkSubject(work.cluster, work.name))
            if message is not None and (new := resized(message, counts)) is not message:
                changed.append(replace(work, message=new))
        if sizes:
            self._sizes[key] = sizes
        return changed
