"""From a binding to its Works: build them, publish what differs, bury what is no longer wanted. Keys are bindings."""

from flotilla_common.objects import Obj, meta_of
from flotilla_common.runtime.queue import KeyQueue
from flotilla_common.subjects import WorkSubject

from ..dispatch.entry import WorkEntry
from ..labels import BINDING_FINALIZER, CLUSTER_BINDING_FINALIZER
from ..store.objects import Event
from ..store.port import Key
from ..work.build import build
from ..work.targets import clusters_to_keep
from .controller import (
    LIVE,
    RESYNC,
    Hub,
    all_bindings,
    binding_key_of,
    changed_beyond_status,
    is_binding,
    is_overridden_anew,
    key_of_origin,
    let_go,
    origin_of,
    template_key_of,
)
from .lenses import CLUSTER_OVERRIDES, CLUSTERS, OVERRIDES
from .namespaces import hand_back

__all__ = ["WorkController"]


class WorkController:
    name = "work"
    workers = 8

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub

    def notice(self, event: Event) -> None:
        key = event.record.key
        if is_binding(key):
            if event.old is None or changed_beyond_status(event.old.obj(), event.record.obj()):
                self.queue.add(key)
        elif key.resource in (OVERRIDES, CLUSTER_OVERRIDES):
            # Which bindings it touches is the override's own decision; asking all of a namespace is cheap.
            self._add_all(LIVE, key.namespace)
        elif key.resource == CLUSTERS and is_overridden_anew(event):
            self._add_all(LIVE + 1)
        elif event.type == "MODIFIED" and event.old is not None:
            self._notice_template(key, event)

    def notice_work(self, subject: WorkSubject, entry: WorkEntry) -> None:
        """A Work is gone: the binding that was deleted may have waited for that."""
        key = key_of_origin(entry.origin)
        if key is not None and entry.deleted and self._hub.works.get(subject) is None:
            self.queue.add(key)

    def resync(self) -> None:
        self._add_all(RESYNC)
        # Works whose binding vanished while no hub ran.
        for origin in self._hub.works.origins():
            key = key_of_origin(origin)
            if key is not None:
                self.queue.add(key, RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        binding = self._hub.objects.get(key)
        if binding is None or meta_of(binding).get("deletionTimestamp"):
            self._hub.troubles.note(key, {})
            await self._hub.works.bury(subject for subject, _ in self._hub.works.of_origin(origin_of(key)))
            if binding is not None and not self._hub.works.of_origin(origin_of(key)):
                await let_go(self._hub, key, binding, BINDING_FINALIZER, CLUSTER_BINDING_FINALIZER)
            return None
        template_key = template_key_of(binding, self._hub.registry)
        template = self._hub.objects.get(template_key) if template_key else None
        if template is None:
            return None  # the garbage collector removes the binding, and that brings us back here
        await self._publish(key, binding, template)
        return None

    async def _publish(self, key: Key, binding: Obj, template: Obj) -> None:
        lenses = self._hub.lenses
        built = build(binding, template, lenses.clusters(), lenses.cluster_overrides(), lenses.overrides(key.namespace))
        refused = await self._hub.works.publish((draft.message for draft in built.works), origin_of(key))
        await self._leave(key, binding, template)
        unsent = {subject.cluster: str(why) for subject, why in refused.items()}
        unmade = {cluster: str(why) for cluster, why in built.failures.items()}
        self._hub.troubles.note(key, unsent | unmade)

    async def _leave(self, key: Key, binding: Obj, template: Obj) -> None:
        """Tombstones for the Works of clusters the binding has nothing to do with any more."""
        kept = clusters_to_keep(binding)
        left = [subject for subject, _ in self._hub.works.of_origin(origin_of(key)) if subject.cluster not in kept]
        if left:
            back = await hand_back(self._hub, template, [subject.cluster for subject in left])
            await self._hub.works.bury(subject for subject in left if subject.cluster not in back)

    def _notice_template(self, key: Key, event: Event) -> None:
        resource = self._hub.registry.of_key(key.resource)
        if resource is None:
            return
        binding = binding_key_of(key, resource.kind)
        if (
            event.old
            and self._hub.objects.record(binding)
            and changed_beyond_status(event.old.obj(), event.record.obj())
        ):
            self.queue.add(binding)

    def _add_all(self, priority: int, namespace: str = "") -> None:
        for key in all_bindings(self._hub.objects, namespace):
            self.queue.add(key, priority)
