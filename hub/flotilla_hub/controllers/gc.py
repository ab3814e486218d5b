"""What goes when something it depends on has gone: bindings of deleted templates, and the contents of a namespace."""

from flotilla_common.errors import NotFound
from flotilla_common.objects import Obj, meta_of
from flotilla_common.runtime.queue import KeyQueue

from ..admission.lifecycle import deletion
from ..store.objects import Event
from ..store.port import Key
from .controller import BINDINGS, CLUSTER_BINDINGS, RESYNC, Hub, binding_key_of, is_binding, template_key_of

__all__ = ["GarbageController"]

NAMESPACES = "namespaces"


class GarbageController:
    """Keys are bindings to be checked for their owner, and namespaces on their way out."""

    name = "gc"
    workers = 4

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub

    def notice(self, event: Event) -> None:
        key = event.record.key
        if key.resource == NAMESPACES:
            if event.type != "DELETED":
                self.queue.add(key)
        elif event.type == "DELETED":
            self._notice_deletion(key)

    def resync(self) -> None:
        for resource in (BINDINGS, CLUSTER_BINDINGS, NAMESPACES):
            for record in self._hub.objects.list(resource).items:
                self.queue.add(record.key, RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        obj = self._hub.objects.get(key)
        if obj is None:
            return None
        if is_binding(key):
            await self._check_owner(key, obj)
        elif meta_of(obj).get("deletionTimestamp"):
            await self._empty(key, obj)
        return None

    async def _check_owner(self, key: Key, binding: Obj) -> None:
        """A template that is gone, or another of the same name, leaves the binding without its owner."""
        owner = next((o for o in meta_of(binding).get("ownerReferences") or () if o.get("controller")), None)
        template_key = template_key_of(binding, self._hub.registry)
        if owner is None or template_key is None:
            return
        template = self._hub.objects.get(template_key)
        if template is None or meta_of(template).get("uid") != owner.get("uid"):
            await self._delete(key, binding)

    async def _empty(self, key: Key, namespace: Obj) -> None:
        """Delete all that is in it; the last one to go brings us back to remove the namespace itself."""
        inside = [r for r in self._hub.objects.all() if r.key.namespace == key.name]
        for record in inside:
            await self._delete(record.key, record.obj())
        if any(r.key.namespace == key.name for r in self._hub.objects.all()):
            return
        await self._hub.objects.delete(key, int(namespace["metadata"]["resourceVersion"]))

    async def _delete(self, key: Key, obj: Obj) -> None:
        marked = deletion(obj, self._hub.now())
        try:
            if marked is None:
                await self._hub.objects.delete(key, int(obj["metadata"]["resourceVersion"]))
            elif marked is not obj:
                await self._hub.objects.update(key, marked)
        except NotFound:
            pass  # someone else removed it: what we want

    def _notice_deletion(self, key: Key) -> None:
        resource = self._hub.registry.of_key(key.resource)
        if resource is not None and not is_binding(key):
            self.queue.add(binding_key_of(key, resource.kind))
        namespace = Key(NAMESPACES, "", key.namespace)
        held = self._hub.objects.get(namespace) if key.namespace else None
        if held is not None and meta_of(held).get("deletionTimestamp"):
            self.queue.add(namespace)
