"""A policy that is being deleted lets go of what it claimed, and what it propagated stays. Keys are policies."""

from flotilla_common.objects import labels_of, meta_of
from flotilla_common.runtime.queue import KeyQueue

from ..detector.claim import released
from ..labels import CLUSTER_POLICY_FINALIZER, CLUSTER_POLICY_MARKS, POLICY_FINALIZER, POLICY_MARKS
from ..store.objects import Event
from ..store.port import Key
from .controller import RESYNC, Hub, all_bindings, let_go, template_key_of
from .lenses import CLUSTER_POLICIES, POLICIES

__all__ = ["PolicyController"]


class PolicyController:
    name = "policy"
    workers = 1

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub

    def notice(self, event: Event) -> None:
        if event.record.key.resource in (POLICIES, CLUSTER_POLICIES) and event.type != "DELETED":
            self.queue.add(event.record.key)

    def resync(self) -> None:
        for resource in (POLICIES, CLUSTER_POLICIES):
            for record in self._hub.objects.list(resource).items:
                self.queue.add(record.key, RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        policy = self._hub.objects.get(key)
        if policy is None or not meta_of(policy).get("deletionTimestamp"):
            return None
        marks, finalizer = (
            (POLICY_MARKS, POLICY_FINALIZER) if key.namespace else (CLUSTER_POLICY_MARKS, CLUSTER_POLICY_FINALIZER)
        )
        await self._release(marks.permanent_id, labels_of(policy).get(marks.permanent_id, ""))
        await let_go(self._hub, key, policy, finalizer)
        return None

    async def _release(self, label: str, permanent_id: str) -> None:
        """Marks go from the template before they go from its binding: a crash in between is picked up again."""
        for key in all_bindings(self._hub.objects):
            binding = self._hub.objects.get(key)
            if binding is None or labels_of(binding).get(label) != permanent_id:
                continue
            template = template_key_of(binding, self._hub.registry)
            held = self._hub.objects.get(template) if template else None
            if template and held and (bare := released(held)):
                await self._hub.objects.update(template, bare)
            if bare := released(binding):
                await self._hub.objects.update(key, bare)
