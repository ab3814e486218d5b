"""Which policy claims a template, and the binding that follows. Keys are templates."""

from collections.abc import Awaitable

from flotilla_common.errors import Retryable
from flotilla_common.kinds import replicas_of
from flotilla_common.objects import GVK, Obj, meta_of, namespace_of
from flotilla_common.runtime.loop import together
from flotilla_common.runtime.queue import KeyQueue

from ..admission.lifecycle import created, updated
from ..detector.bind import binding_for, claimed, released
from ..detector.match import choose, missing_overrides
from ..detector.skip import why_not_kind, why_not_template
from ..model.policy import Policy, ResourceSelector
from ..store.objects import Event
from ..store.port import Key
from .controller import LIVE, RESYNC, Hub, binding_key_of, changed_beyond_status, new_id
from .lenses import CLUSTER_OVERRIDES, CLUSTER_POLICIES, OVERRIDES, POLICIES

__all__ = ["DetectorController"]


class DetectorController:
    name = "detector"
    workers = 8

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub
        self._waiting: set[Key] = set()
        """Templates whose policy depends on override policies that are not there yet."""

    def notice(self, event: Event) -> None:
        key = event.record.key
        if key.resource in (POLICIES, CLUSTER_POLICIES):
            self._notice_policy(event)
        elif key.resource in (OVERRIDES, CLUSTER_OVERRIDES):
            while self._waiting:
                self.queue.add(self._waiting.pop())
        elif event.type != "DELETED" and self._may_be_template(key.resource) and _matters(event):
            self.queue.add(key)

    def resync(self) -> None:
        for record in self._hub.objects.all():
            if self._may_be_template(record.key.resource):
                self.queue.add(record.key, RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        template = self._hub.objects.get(key)
        if template is None or meta_of(template).get("deletionTimestamp") or self._why_not(template):
            return None
        lenses = self._hub.lenses
        chosen = choose(template, [*lenses.policies(key.namespace), *lenses.cluster_policies()]).policy
        if chosen is None:
            await self._release(key, template)
        elif absent := self._missing(chosen):
            self._waiting.add(key)
            raise Retryable(f"policy {chosen.name} waits for override policies that are not there: {', '.join(absent)}")
        else:
            await self._bind(key, template, chosen)
        return None

    async def _bind(self, key: Key, template: Obj, policy: Policy) -> None:
        """The binding first: it is what the user waits for; the marks on the template are for those who look."""
        target = binding_key_of(key, template["kind"])
        existing = self._hub.objects.get(target)
        binding = binding_for(template, policy, existing, *replicas_of(template))
        marked = claimed(template, policy)
        writes: list[Awaitable[object]] = []
        if binding is not None:
            writes.append(self._write(target, existing, binding))
        if marked is not None:
            writes.append(self._hub.objects.update(key, marked))
        await together(writes)

    async def _write(self, key: Key, existing: Obj | None, binding: Obj) -> None:
        if existing is None:
            await self._hub.objects.create(key, created(binding, self._hub.now(), new_id()))
        else:
            await self._hub.objects.update(key, updated(existing, binding))

    async def _release(self, key: Key, template: Obj) -> None:
        """Nothing selects it any more: the marks go, what runs stays."""
        binding_key = binding_key_of(key, template["kind"])
        binding = self._hub.objects.get(binding_key)
        if binding is not None and (bare := released(binding)):
            await self._hub.objects.update(binding_key, bare)
        if bare := released(template):
            await self._hub.objects.update(key, bare)

    def _missing(self, policy: Policy) -> tuple[str, ...]:
        resource = OVERRIDES if policy.namespace else CLUSTER_OVERRIDES
        present = {r.key.name for r in self._hub.objects.list(resource, policy.namespace).items}
        return missing_overrides(policy, present)

    def _notice_policy(self, event: Event) -> None:
        """Everything the policy selects now, and everything it selected before."""
        for record in (event.record, event.old):
            if record is not None:
                policy = record.obj()
                for selector in (policy.get("spec") or {}).get("resourceSelectors") or ():
                    self._add_selected(ResourceSelector.model_validate(selector), namespace_of(policy))

    def _add_selected(self, selector: ResourceSelector, namespace: str) -> None:
        resource = self._hub.registry.of_kind(GVK.parse(selector.api_version, selector.kind))
        if resource is None:
            return
        for record in self._hub.objects.list(resource.key, namespace or selector.namespace or "").items:
            if selector.name in (None, "", record.key.name):
                self.queue.add(record.key, LIVE)

    def _may_be_template(self, key: str) -> bool:
        resource = self._hub.registry.of_key(key)
        return resource is not None and why_not_kind(resource.gvk(), self._hub.rules.skips) is None

    def _why_not(self, template: Obj) -> str | None:
        return why_not_template(template, self._hub.rules.skips)


def _matters(event: Event) -> bool:
    return event.old is None or changed_beyond_status(event.old.obj(), event.record.obj())
