"""Which policy claims a template, and the binding that follows. Keys are templates; `detector.follow` decides."""

from collections.abc import Awaitable, Collection, Iterable

from flotilla_common.errors import FlotillaError, Retryable, Terminal
from flotilla_common.objects import GVK, Obj, meta_of
from flotilla_common.runtime.loop import together
from flotilla_common.runtime.queue import KeyQueue

from ..admission.lifecycle import created, updated
from ..detector import notes
from ..detector.follow import Following, Surroundings, follow
from ..detector.skip import why_not_kind, why_not_template
from ..model.policy import Policy, ResourceSelector
from ..quota.limits import QuotaExceeded
from ..store.objects import Event, Record
from ..store.port import Key
from .changes import changed_beyond_status, is_write_of
from .controller import LIVE, MANY, RESYNC, Hub, binding_key_of, is_binding, new_id, template_key_of
from .first_place import FirstPlace
from .lenses import CLUSTER_OVERRIDES, CLUSTER_POLICIES, OVERRIDES, POLICIES
from .quota_ledger import QUOTAS

__all__ = ["PRIORITY_CLASSES", "DetectorController"]

PRIORITY_CLASSES = "priorityclasses.scheduling.k8s.io"


class DetectorController:
    name = "detector"
    workers = MANY

    def __init__(self, hub: Hub, first_place: FirstPlace) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub
        self._first_place = first_place
        self._marking: dict[Key, Obj] = {}
        """Templates that are getting their marks: the event that follows is no news."""
        self._waiting: set[Key] = set()
        """Templates whose policy refers to what is not there yet, or whose namespace's quota has no room."""
        self._prompted: set[Key] = set()
        """Templates that are looked at because of a policy's change, and not of their own (see `detector.lazy`)."""

    def notice(self, event: Event) -> None:
        key = event.record.key
        if key.resource in (POLICIES, CLUSTER_POLICIES):
            self._notice_policy(event)
        elif key.resource in (OVERRIDES, CLUSTER_OVERRIDES, PRIORITY_CLASSES, QUOTAS):
            self._notice_referred(key)
        elif is_binding(key) and event.type == "DELETED":
            self._notice_unbound(event)
        if key in self._marking and is_write_of(event, self._marking[key]):
            return
        if event.type != "DELETED" and self._may_be_template(key.resource) and changed_beyond_status(event):
            self._prompted.discard(key)
            self.queue.add(key)

    def resync(self) -> None:
        for record in self._hub.objects.all():
            if self._may_be_template(record.key.resource):
                self.queue.add(record.key, RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        template = self._hub.objects.look(key)
        if template is None or meta_of(template).get("deletionTimestamp") or self._why_not(template):
            self._prompted.discard(key)
            return None
        binding = binding_key_of(key, template["kind"])
        existing = self._hub.objects.look(binding)
        following = self._followed(key, template, existing)
        if following.waits_for:
            self._waiting.add(key)
            raise self._failed(
                template, following.choice.policy, Retryable(f"there is no {', no '.join(following.waits_for)} yet")
            )
        try:
            await self._act(key, binding, existing, following)
        except QuotaExceeded as err:
            self._waiting.add(key)
            raise self._failed(template, following.choice.policy, err) from err
        self._tell(template, existing, following)
        self._prompted.discard(key)
        return None

    def _followed(self, key: Key, template: Obj, existing: Obj | None) -> Following:
        near = self._surroundings(template)
        try:
            return follow(template, existing, near, prompted=key in self._prompted)
        except Terminal as err:
            raise self._failed(template, None, err) from err

    def _surroundings(self, template: Obj) -> Surroundings:
        policies = self._hub.lenses.policies_for(template)
        return Surroundings(policies, self._overrides, self._priority_of, self._hub.rules.features)

    async def _act(self, key: Key, binding: Key, existing: Obj | None, following: Following) -> None:
        """Both at once: the binding is what the user waits for, the marks on the template are for those who look."""
        writes: list[Awaitable[object]] = []
        if following.binding is not None:
            writes.append(self._write(binding, existing, following.binding))
        if following.template is not None:
            writes.append(self._mark(key, following.template))
        await together(writes)

    async def _mark(self, key: Key, template: Obj) -> None:
        self._marking[key] = template
        try:
            await self._hub.objects.update(key, template)
        finally:
            del self._marking[key]

    async def _write(self, key: Key, existing: Obj | None, binding: Obj) -> None:
        if existing is None:
            await self._create(key, created(binding, self._hub.now(), new_id()))
        else:
            await self._hub.objects.update(key, updated(existing, binding))

    async def _create(self, key: Key, fresh: Obj) -> None:
        try:
            with self._first_place.giving(key, fresh) as placed:
                await self._hub.objects.create(key, placed)
        except QuotaExceeded:
            # Nobody but the scheduler tells of a place that a quota has no room for.
            await self._hub.objects.create(key, fresh)

    def _tell(self, template: Obj, existing: Obj | None, following: Following) -> None:
        policy, held = following.choice.policy, following.choice.preempted
        if policy is not None and held is not None:
            self._hub.events.note(template, "Normal", "PreemptPolicySucceed", notes.preempted(policy, held))
        if policy is not None and following.binding is not None:
            self._hub.events.note(template, "Normal", "ApplyPolicySucceed", notes.applied(policy))
            if dependencies := notes.dependencies(existing, following.binding):
                self._hub.events.note(template, "Normal", "GetDependenciesSucceed", dependencies)

    def _failed(self, template: Obj, policy: Policy | None, err: FlotillaError) -> FlotillaError:
        """`err`, once users are told."""
        self._hub.events.note(template, "Warning", "ApplyPolicyFailed", notes.not_applied(policy, str(err)))
        return err

    def _overrides(self, namespace: str) -> Collection[str]:
        resource = OVERRIDES if namespace else CLUSTER_OVERRIDES
        return {record.key.name for record in self._hub.objects.list(resource, namespace).items}

    def _priority_of(self, name: str) -> int | None:
        found = self._hub.objects.get(Key(PRIORITY_CLASSES, "", name))
        return None if found is None else int(found.get("value") or 0)

    def _notice_unbound(self, event: Event) -> None:
        """Somebody deleted a binding. Unless its template goes too, what it says is still wanted."""
        template = template_key_of(event.record.obj(), self._hub.registry)
        namespace = self._hub.objects.get(Key("namespaces", "", event.record.key.namespace)) or {}
        if template and self._hub.objects.record(template) and not meta_of(namespace).get("deletionTimestamp"):
            self.queue.add(template)

    def _notice_referred(self, key: Key) -> None:
        """What a policy may refer to came, changed or went."""
        while self._waiting:
            self.queue.add(self._waiting.pop())
        if key.resource == PRIORITY_CLASSES:
            for policy in self._hub.lenses.all_policies():
                given = policy.spec.schedule_priority
                if given and given.priority_class_name == key.name:
                    for selector in policy.spec.resource_selectors:
                        self._add_selected(selector, policy.namespace)

    def _notice_policy(self, event: Event) -> None:
        """Everything the policy selects now, and everything it selected before."""
        for record in (event.record, event.old):
            if record is not None:
                policy = Policy.of(record.obj())
                for selector in policy.spec.resource_selectors:
                    self._add_selected(selector, policy.namespace)

    def _add_selected(self, selector: ResourceSelector, namespace: str) -> None:
        resource = self._hub.registry.of_kind(GVK.parse(selector.api_version, selector.kind))
        where = namespace or selector.namespace or ""
        if resource is None:
            return
        if selector.name and (where or not resource.namespaced):
            # The usual case by far, and the only one that need not look at all there are.
            one = self._hub.objects.record(Key(resource.key, where if resource.namespaced else "", selector.name))
            records: Iterable[Record] = [one] if one else ()
        else:
            records = self._hub.objects.list(resource.key, where).items
        for record in records:
            if selector.name in (None, "", record.key.name):
                self._prompted.add(record.key)
                self.queue.add(record.key, LIVE)

    def _may_be_template(self, key: str) -> bool:
        resource = self._hub.registry.of_key(key)
        return resource is not None and why_not_kind(resource.gvk(), self._hub.rules.skips) is None

    def _why_not(self, template: Obj) -> str | None:
        return why_not_template(template, self._hub.rules.skips)
