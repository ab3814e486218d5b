"""Where strategies meet the Works: asks them what may go out now, remembers whom they wait for, tells what they say."""

from collections.abc import Iterator, Sequence

from flotilla_common.conditions import find, with_condition
from flotilla_common.objects import Obj

from ..dispatch.entry import WorkEntry
from ..names import SYSTEM_NAMESPACE
from ..status.event import Severity
from ..store.objects import Event
from ..store.port import Key
from ..strategies import is_plain, stage_of
from ..strategies.history import LIMIT
from ..strategies.rolling_update import rolling_settings
from ..strategies.stage import Facts, Stage
from ..work.build import WorkDraft
from .controller import Hub, origin_of
from .lenses import CLUSTERS
from .revisions import Revisions

__all__ = ["Staging"]


class Staging:
    """What it remembers saves looks, and is found again: a hub that starts looks at every binding."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._revisions = Revisions(hub)
        self._awaited: dict[Key, frozenset[str]] = {}

    async def stage(self, key: Key, binding: Obj, template: Obj, wanted: Sequence[WorkDraft]) -> Stage:
        """What goes out in waves is on record before it does."""
        self._awaited.pop(key, None)
        if is_plain(binding):
            return Stage(tuple(wanted))
        if settings := rolling_settings(binding):
            await self._revisions.note(template, settings.revision_history_limit or LIMIT)
        works, clusters = tuple(wanted), self._hub.lenses.clusters()
        held: dict[str, WorkEntry] = {s.cluster: entry for s, entry in self._hub.works.of_origin(origin_of(key))}
        stage = stage_of(Facts(binding, template, works, held, clusters, self._hub.now()))
        if stage.awaited or stage.held_back:
            self._awaited[key] = stage.awaited
        return stage

    async def forget(self, key: Key, binding: Obj | None) -> None:
        """The binding is going, and with it what there is to go back to."""
        self._awaited.pop(key, None)
        if binding is not None:
            uid = str(binding["spec"]["resource"].get("uid") or "")
            await self._revisions.forget(uid, key.namespace or SYSTEM_NAMESPACE)

    def is_awaited(self, key: Key, cluster: str) -> bool:
        """Whether what this cluster says may let something go on."""
        return cluster in self._awaited.get(key, ())

    def moved_by(self, event: Event) -> Iterator[Key]:
        """Bindings that wait, when a cluster can be reached again or no more."""
        if event.record.key.resource == CLUSTERS and self._awaited and _ready(event.record.obj()) != _was_ready(event):
            yield from list(self._awaited)

    async def tell(self, key: Key, stage: Stage) -> None:
        """Raises Conflict when someone else wrote the binding meanwhile: the strategy is asked again then."""
        binding = self._hub.objects.get(key)
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


def _was_ready(event: Event) -> str:
    return _ready(event.old.obj()) if event.old is not None else ""


def _ready(cluster: Obj) -> str:
    found = find((cluster.get("status") or {}).get("conditions"), "Ready")
    return str(found["status"]) if found else ""
