"""From a binding to its Works: build them, publish what differs, bury what is no longer wanted. Keys are bindings."""

from collections.abc import Iterable, Mapping

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj, meta_of, name_of, namespace_of
from flotilla_common.runtime.queue import KeyQueue
from flotilla_common.subjects import WorkSubject

from ..detector.dependencies import required_by
from ..dispatch.entry import WorkEntry
from ..labels import BINDING_FINALIZER, CLUSTER_BINDING_FINALIZER
from ..override.core import OverrideFailed
from ..override.reach import is_reached_anew
from ..quota.limits import outgrows
from ..store.objects import Event
from ..store.port import Key
from ..work.build import build
from ..work.targets import clusters_to_keep
from .changes import ClusterChange, changed_beyond_status, changed_for_members, cluster_change, placement_may_change
from .controller import (
    BINDINGS,
    LIVE,
    MANY,
    RESYNC,
    Hub,
    all_bindings,
    binding_key_of,
    is_binding,
    key_of_origin,
    let_go,
    origin_of,
    template_key_of,
)
from .lenses import CLUSTER_OVERRIDES, CLUSTERS, OVERRIDES
from .namespaces import hand_back
from .staging import Staging

__all__ = ["WorkController"]


class WorkController:
    name = "work"
    workers = MANY

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub
        self._staging = Staging(hub, self.queue.add)
        self._is_enforcing = hub.rules.features.enabled("FederatedQuotaEnforcement")
        self._reached = 0
        """How often a cluster changed in what override policies see of it."""
        self._required: dict[Key, set[Key]] = {}
        """By a binding that stays somewhere for now, those it requires, which stay with it."""

    def notice(self, event: Event) -> None:
        key = event.record.key
        for waiting in self._staging.moved_by(event):
            self.queue.add(waiting, LIVE + 1)
        if is_binding(key):
            if changed_beyond_status(event):
                self.queue.add(key)
        elif key.resource in (OVERRIDES, CLUSTER_OVERRIDES):
            # Which bindings it touches is the override's own decision; asking all of a namespace is cheap.
            self._add_all(LIVE, key.namespace)
        elif key.resource == CLUSTERS and placement_may_change(event):
            self._notice_cluster(key.name, cluster_change(event))
        elif event.type == "MODIFIED" and event.old is not None:
            self._notice_template(key, event)

    def notice_work(self, subject: WorkSubject, entry: WorkEntry) -> None:
        """A Work is gone, or a cluster a strategy waits for has answered: the binding may have waited for that."""
        key = key_of_origin(entry.origin)
        if key is None:
            return
        self._staging.note_answer(key, subject.cluster)
        if entry.deleted:
            for dependent in self._required.pop(key, ()):
                self.queue.add(dependent)
        if entry.deleted and self._hub.works.get(subject) is None:
            self.queue.add(key)

    def resync(self) -> None:
        self._add_all(RESYNC)
        # Works whose binding vanished while no hub ran.
        for origin in self._hub.works.origins():
            key = key_of_origin(origin)
            if key is not None:
                self.queue.add(key, RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        binding = self._hub.objects.look(key)
        if binding is None or meta_of(binding).get("deletionTimestamp"):
            self._hub.troubles.note(key, {})
            await self._staging.forget(key, binding)
            await self._hub.works.bury(subject for subject, _ in self._hub.works.of_origin(origin_of(key)))
            if binding is not None and not self._hub.works.of_origin(origin_of(key)):
                await let_go(self._hub, key, binding, BINDING_FINALIZER, CLUSTER_BINDING_FINALIZER)
            return None
        template_key = template_key_of(binding, self._hub.registry)
        template = self._hub.objects.look(template_key) if template_key else None
        if template is None:
            return None  # the garbage collector removes the binding, and that brings us back here
        if self._is_enforcing and outgrows(template, binding):
            return None  # the binding's own change, when the quota has room for it, brings us back here
        reached = self._reached
        again = await self._publish(key, binding, template)
        # What a cluster became while we sent to it was asked of the Works that were there, and this was not.
        return again if self._reached == reached else 0.0

    async def _publish(self, key: Key, binding: Obj, template: Obj) -> float | None:
        """Seconds after which a strategy wants to look again."""
        lenses = self._hub.lenses
        built = build(binding, template, lenses.clusters(), (), lenses.overrides_for(template))
        stage = await self._staging.stage(key, binding, template, built.works)
        messages = (draft.message for draft in stage.works)
        refused = await self._hub.works.publish(messages, origin_of(key))
        await self._leave(key, binding, template, stage.staying)
        unsent = {subject.cluster: str(why) for subject, why in refused.items()}
        unmade = {cluster: str(why) for cluster, why in built.failures.items()}
        if self._hub.troubles.note(key, unsent | unmade):
            self._tell(binding, template, unsent | unmade, built.failures.values())
        await self._staging.tell(key, stage)
        return stage.again

    def _tell(self, binding: Obj, template: Obj, found: Mapping[str, str], failures: Iterable[Terminal]) -> None:
        """Of troubles that are news, and of their end; an override's also beside the template."""
        what = f"work of {binding['kind']}({'/'.join(filter(None, (namespace_of(binding), name_of(binding))))})"
        for failure in (f for f in failures if isinstance(f, OverrideFailed)):
            self._hub.events.note(template, "Warning", failure.reason, str(failure))
        if found:
            why = "; ".join(f"{cluster}: {message}" for cluster, message in found.items())
            self._hub.events.note(binding, "Warning", "SyncWorkFailed", f"Sync {what} failed: {why}")
        else:
            self._hub.events.note(binding, "Normal", "SyncWorkSucceed", f"Sync {what} successful.")

    async def _leave(self, key: Key, binding: Obj, template: Obj, staying: frozenset[str]) -> None:
        """Tombstones for the Works of clusters the binding has nothing to do with any more."""
        kept = clusters_to_keep(binding) | staying
        left = [subject for subject, _ in self._hub.works.of_origin(origin_of(key)) if subject.cluster not in kept]
        if left:
            needed = self._needed(key, binding, {subject.cluster for subject in left})
            left = [subject for subject in left if subject.cluster not in needed]
            back = await hand_back(self._hub, template, [subject.cluster for subject in left])
            await self._hub.works.bury(subject for subject in left if subject.cluster not in back)

    def _needed(self, key: Key, binding: Obj, clusters: set[str]) -> set[str]:
        """Of these, those where one that requires it still has a Work: a strategy may let it stay beyond its time."""
        needed: set[str] = set()
        for entry in required_by(binding):
            requirer = Key(BINDINGS, entry.get("namespace", ""), entry["name"])
            works = self._hub.works.of_origin(origin_of(requirer))
            if there := {subject.cluster for subject, work in works if not work.deleted} & clusters:
                self._required.setdefault(requirer, set()).add(key)
                needed |= there
        return needed

    def _notice_cluster(self, name: str, change: ClusterChange) -> None:
        """The Works it has are as before, unless an override policy sees it with other eyes; those it could not have
        may be possible now.
        """
        if change.after is None:
            return
        for binding in self._hub.troubles.at(name):
            self.queue.add(binding, LIVE + 1)
        if change.before is None or is_reached_anew(self._hub.lenses.all_overrides(), change.before, change.after):
            self._reached += 1
            for origin in {entry.origin for _, entry in self._hub.works.of_cluster(name)}:
                if (origin_key := key_of_origin(origin)) is not None:
                    self.queue.add(origin_key, LIVE + 1)

    def _notice_template(self, key: Key, event: Event) -> None:
        resource = self._hub.registry.of_key(key.resource)
        if resource is None:
            return
        binding = binding_key_of(key, resource.kind)
        if self._hub.objects.record(binding) and changed_for_members(event):
            self.queue.add(binding)

    def _add_all(self, priority: int, namespace: str = "") -> None:
        for key in all_bindings(self._hub.objects, namespace):
            self.queue.add(key, priority)
