"""What a template refers to goes where the template goes. Keys are bindings that require others, and their dependents.

`detector.dependencies` decides. The index only tells whom a change concerns; what a dependent's binding says is read
from the bindings that require it, so that a hub that has just started takes nothing away.
"""

import asyncio
from collections.abc import Iterator

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj, meta_of, name_of, namespace_of
from flotilla_common.runtime.queue import KeyQueue

from ..admission.lifecycle import created, updated
from ..detector.dependencies import attached, disagreement, is_rolling_out, required_by, requires
from ..detector.references import Index, Reference, references_in
from ..detector.skip import why_not_template
from ..store.objects import Event
from ..store.port import Key
from .changes import changed_beyond_status
from .controller import BINDINGS, LIVE, RESYNC, Hub, binding_key_of, new_id, template_key_of
from .gather import Gathered

__all__ = ["DependencyController"]

# Looked for in the stored JSON: most bindings have neither, and decoding all of them at every change would cost more
# than everything else here.
_FOLLOWED, _REQUIRED = b'"propagateDeps":true', b'"requiredBy":['


_SYNCED = "Sync schedule results to dependencies succeed."
_RATE, _MOST = 1000, 5.0
"""How many requirers a second a dependent's binding is written with, and the longest rest in seconds."""


class DependencyController:
    name = "dependencies"
    workers = 4

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub
        self._index = Index[Key]()
        self._rests: dict[Key, float] = {}
        """Until when, by the loop's clock, a dependent of many is left alone: writing it costs as much as it has."""
        self._gathered = Gathered[Key](self.queue.add)
        self._lingering: dict[Key, set[Key]] = {}
        """By a binding whose change is still on its way to clusters, what only they still refer to."""
        self._on = hub.rules.features.enabled("PropagateDeps")

    def notice(self, event: Event) -> None:
        key = event.record.key
        if not self._on:
            return
        if key.resource == BINDINGS:
            self._notice_binding(event)
        elif event.type != "DELETED" and (resource := self._hub.registry.of_key(key.resource)):
            kind = (resource.group, resource.kind, key.namespace)
            # One that was there before stays what it is to those that name it; labels may have changed.
            is_named = event.type == "ADDED" and self._index.by_name(kind, key.name)
            if is_named or self._index.by_selector(kind):
                self.queue.add(key)

    def resync(self) -> None:
        for record in self._hub.objects.list(BINDINGS).items if self._on else ():
            if _FOLLOWED in record.json:
                self.queue.add(record.key, RESYNC)
            if _REQUIRED in record.json:
                self._add_template(record.obj(), RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        if key.resource == BINDINGS:
            self._follow(key)
        else:
            await self._attach(key)
        return None

    def _notice_binding(self, event: Event) -> None:
        key, is_gone = event.record.key, event.type == "DELETED"
        follows = _FOLLOWED in event.record.json or key in self._index
        if follows and (is_gone or key in self._lingering or changed_beyond_status(event)):
            self.queue.add(key)
        if is_gone and _REQUIRED in event.record.json:
            self._add_template(event.record.obj(), LIVE)  # somebody deleted it; who requires it still does

    def _follow(self, key: Key) -> None:
        """Have all that a binding refers to, or did before, looked at."""
        binding = self._hub.objects.get(key)
        follows = binding is not None and binding["spec"].get("propagateDeps")
        references = (references_in(binding) or ()) if binding and follows else ()
        for reference in (*self._index.put(key, references), *references):
            for dependent in self._found(reference):
                self._wake(dependent)
        for dependent in self._lingering.pop(key, ()):
            self._wake(dependent)

    def _wake(self, dependent: Key) -> None:
        """Now, or when it has rested: a hundred templates that come at once write what they share only a few times."""
        rest = self._rests.get(dependent, 0.0) - asyncio.get_running_loop().time()
        if rest > 0:
            self._gathered.add((dependent,), rest)
        else:
            self._rests.pop(dependent, None)
            self.queue.add(dependent)

    async def _attach(self, key: Key) -> None:
        dependent = self._hub.objects.get(key)
        if dependent is None or meta_of(dependent).get("deletionTimestamp"):
            return
        if why_not_template(dependent, self._hub.rules.skips):
            return  # what the operator excludes does not travel, whoever refers to it
        at = binding_key_of(key, dependent["kind"])
        existing = self._hub.objects.get(at)
        was = {(entry.get("namespace", ""), entry["name"]) for entry in required_by(existing)}
        requirers = [
            binding
            for binding in self._candidates(key, existing)
            if requires(binding, dependent) or (_at(binding) in was and self._lingers(key, binding))
        ]
        try:
            binding = attached(dependent, existing, requirers)
            if binding is None:
                return
            self._rests[key] = asyncio.get_running_loop().time() + min(_MOST, len(requirers) / _RATE)
            await self._write(at, existing, binding)
        except Terminal as err:
            self._hub.events.note(dependent, "Warning", "SyncScheduleResultToDependenciesFailed", str(err))
            raise
        self._tell(dependent, existing, binding, requirers)

    async def _write(self, at: Key, existing: Obj | None, binding: Obj) -> None:
        if existing is None:
            await self._hub.objects.create(at, created(binding, self._hub.now(), new_id()))
        else:
            await self._hub.objects.update(at, updated(existing, binding))

    def _tell(self, dependent: Obj, existing: Obj | None, binding: Obj, requirers: list[Obj]) -> None:
        """Those of whom something else was written, and of what they cannot agree on."""
        before = {(entry.get("namespace", ""), entry["name"]): entry for entry in required_by(existing)}
        news = {at for entry in required_by(binding) if before.get(at := (entry["namespace"], entry["name"])) != entry}
        for requirer in requirers:
            if _at(requirer) in news:
                self._hub.events.note(requirer, "Normal", "SyncScheduleResultToDependenciesSucceed", _SYNCED)
        if conflict := disagreement(dependent, binding, requirers):
            self._hub.events.note(binding, "Warning", "DependencyPolicyConflict", conflict)

    def _lingers(self, key: Key, binding: Obj) -> bool:
        """Whether what was needed is still, as clusters have what the binding's template was before."""
        if not binding["spec"].get("propagateDeps") or meta_of(binding).get("deletionTimestamp"):
            return False
        at = template_key_of(binding, self._hub.registry)
        if not is_rolling_out(binding, self._hub.objects.get(at) if at else None):
            return False
        self._lingering.setdefault(Key(BINDINGS, *_at(binding)), set()).add(key)
        return True

    def _candidates(self, key: Key, existing: Obj | None) -> Iterator[Obj]:
        """The bindings that may require it: those the index knows, and those that did when it was last written."""
        resource = self._hub.registry.of_key(key.resource)
        kind = (resource.group, resource.kind, key.namespace) if resource else ("", "", "")
        keys = self._index.by_name(kind, key.name) | self._index.by_selector(kind)
        for entry in required_by(existing):
            keys |= {Key(BINDINGS, entry.get("namespace", ""), entry["name"])}
        return (binding for found in sorted(keys) if (binding := self._hub.objects.get(found)))

    def _found(self, reference: Reference) -> Iterator[Key]:
        """The objects it may stand for, as far as they are there."""
        resource = self._hub.registry.of_kind(reference.gvk)
        if resource is None:
            return
        key = Key(resource.key, reference.namespace, reference.name)
        if reference.selector is not None:
            yield from (record.key for record in self._hub.objects.list(resource.key, reference.namespace).items)
        elif self._hub.objects.record(key):
            yield key

    def _add_template(self, binding: Obj, priority: int) -> None:
        if key := template_key_of(binding, self._hub.registry):
            self.queue.add(key, priority)


def _at(binding: Obj) -> tuple[str, str]:
    return namespace_of(binding), name_of(binding)
