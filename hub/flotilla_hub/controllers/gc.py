"""What goes when something it depends on has gone: bindings of deleted templates, and the contents of a namespace."""

from flotilla_common.objects import Obj, meta_of
from flotilla_common.runtime.queue import KeyQueue

from ..admission.lifecycle import is_gone
from ..admission.protection import PROTECTED, is_protected
from ..store.objects import Event
from ..store.port import Key
from .controller import RESYNC, Hub, all_bindings, binding_key_of, is_binding, start_removal, template_key_of

__all__ = ["GarbageController"]

NAMESPACES = "namespaces"


class GarbageController:
    """Keys are bindings to be checked for their owner, and namespaces on their way out."""

    name = "gc"
    workers = 4

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub
        self._orphans: set[Key] = set()
        """Bindings whose template was seen to go, whatever becomes of its kind."""

    def notice(self, event: Event) -> None:
        key = event.record.key
        if key.resource == NAMESPACES:
            if event.type != "DELETED":
                self.queue.add(key)
        elif event.type == "DELETED":
            self._notice_deletion(key)
        elif event.type == "MODIFIED":
            self._notice_change(event)
        elif is_binding(key) and not self._has_owner(event.record.seen()):
            # Its template was deleted, or replaced, while it was being written.
            self.queue.add(key)

    def resync(self) -> None:
        namespaces = (record.key for record in self._hub.objects.list(NAMESPACES).items)
        for key in (*all_bindings(self._hub.objects), *namespaces):
            self.queue.add(key, RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        obj = self._hub.objects.get(key)
        if obj is None:
            self._orphans.discard(key)
            return None
        if is_binding(key):
            await self._check_owner(key, obj)
        elif meta_of(obj).get("deletionTimestamp"):
            await self._empty(key, obj)
        return None

    def _has_owner(self, binding: Obj) -> bool:
        """Whether its template is there, and the one it was made from. Asked of most bindings: nothing is copied."""
        owner, template_key = _owner(binding), template_key_of(binding, self._hub.registry)
        template = self._hub.objects.record(template_key) if template_key else None
        return bool(owner and template and meta_of(template.seen()).get("uid") == owner.get("uid"))

    async def _check_owner(self, key: Key, binding: Obj) -> None:
        """A template that is gone, or another of the same name, leaves the binding without its owner."""
        owner, template_key = _owner(binding), template_key_of(binding, self._hub.registry)
        if owner is None or (template_key is None and key not in self._orphans):
            # A kind that is not served says nothing: another release may have served it, and absence is never deletion.
            return
        if not self._has_owner(binding):
            await start_removal(self._hub, key, binding)

    async def _empty(self, key: Key, namespace: Obj) -> None:
        """Delete all that is in it; the last one to go brings us back to remove the namespace itself.

        The API refuses to delete one that holds something protected; what was protected since stays, and it with it.
        """
        for record in self._hub.objects.all():
            if record.key.namespace == key.name and not self._keeps_protected(record.key, record.obj()):
                await start_removal(self._hub, record.key, record.obj())
        if any(r.key.namespace == key.name for r in self._hub.objects.all()):
            return
        emptied = {**namespace, "spec": {**(namespace.get("spec") or {}), "finalizers": []}}
        if is_gone(emptied):
            await self._hub.objects.delete(key, int(namespace["metadata"]["resourceVersion"]))
        elif (namespace.get("spec") or {}).get("finalizers"):
            await self._hub.objects.update(key, emptied)  # a finalizer of a user's own holds it

    def _keeps_protected(self, key: Key, obj: Obj) -> bool:
        """A binding whose template is protected: without it, the template's objects would leave the members."""
        template = template_key_of(obj, self._hub.registry) if is_binding(key) else None
        held = self._hub.objects.get(template) if template else None
        return held is not None and is_protected(held)

    def _notice_change(self, event: Event) -> None:
        """Protection that comes off: what was kept for its sake may go now."""
        if event.old is None or PROTECTED.encode() not in event.old.json or is_protected(event.record.obj()):
            return
        key = event.record.key
        if key.namespace:
            self.queue.add(Key(NAMESPACES, "", key.namespace))
        if is_binding(key):
            self.queue.add(key)

    def _notice_deletion(self, key: Key) -> None:
        resource = self._hub.registry.of_key(key.resource)
        if resource is not None and not is_binding(key):
            binding = binding_key_of(key, resource.kind)
            if self._hub.objects.record(binding):
                self._orphans.add(binding)
            self.queue.add(binding)
        namespace = Key(NAMESPACES, "", key.namespace)
        held = self._hub.objects.get(namespace) if key.namespace else None
        if held is not None and meta_of(held).get("deletionTimestamp"):
            self.queue.add(namespace)


def _owner(binding: Obj) -> Obj | None:
    return next((o for o in meta_of(binding).get("ownerReferences") or () if o.get("controller")), None)
