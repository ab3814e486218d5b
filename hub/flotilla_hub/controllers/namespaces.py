"""Every namespace of the hub in every cluster, so that what lives in it can be applied. Keys are namespace names."""

from collections.abc import Collection

from flotilla_common.errors import FlotillaError, Terminal
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import GVK, Obj, gvk_of, name_of
from flotilla_common.runtime.queue import KeyQueue
from flotilla_common.subjects import WorkSubject

from ..store.objects import Event
from ..store.port import Key
from ..work.namespace import is_propagated, namespace_work
from .controller import LIVE, RESYNC, Hub, is_overridden_anew, key_of_origin
from .lenses import CLUSTER_OVERRIDES, CLUSTERS

__all__ = ["NamespaceController", "hand_back"]

NAMESPACES = "namespaces"
NAMESPACE = GVK("", "v1", "Namespace")
_ORIGIN = "namespace:"


class NamespaceController:
    name = "namespace"
    workers = 2

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[str] = KeyQueue()
        self._hub = hub

    def notice(self, event: Event) -> None:
        key = event.record.key
        if key.resource == NAMESPACES:
            self.queue.add(key.name, LIVE - 1)  # ahead of what is to live in it
        elif key.resource == CLUSTER_OVERRIDES or (key.resource == CLUSTERS and _changes_what_it_gets(event)):
            self._add_all(LIVE)

    def resync(self) -> None:
        self._add_all(RESYNC)
        for origin in self._hub.works.origins():
            if origin.startswith(_ORIGIN):
                self.queue.add(origin.removeprefix(_ORIGIN), RESYNC)

    async def reconcile(self, key: str) -> float | None:
        namespace, origin = self._hub.objects.get(Key(NAMESPACES, "", key)), _ORIGIN + key
        works = self._hub.works
        if namespace is None:
            await works.bury(subject for subject, _ in works.of_origin(origin))
        elif is_propagated(namespace, self._hub.rules.skips.namespaces):
            messages, failures = self._messages(namespace)
            # Where a policy of the namespace's own has it, the binding's Work is the one.
            messages = [m for m in messages if not _is_bindings(self._hub, m)]
            refused = await works.publish(messages, origin)
            failures += [f"{subject.cluster}: {why}" for subject, why in refused.items()]
            if failures:
                raise Terminal("; ".join(failures))
        return None

    def _messages(self, namespace: dict[str, object]) -> tuple[list[WorkMessage], list[str]]:
        overrides = self._hub.lenses.cluster_overrides()
        messages: list[WorkMessage] = []
        failures: list[str] = []
        for cluster in self._hub.lenses.clusters().values():
            if cluster.terminating:
                continue
            try:
                messages.append(namespace_work(namespace, cluster, overrides))
            except FlotillaError as err:
                failures.append(f"{cluster.name}: {err}")
        return messages, failures

    def _add_all(self, priority: int) -> None:
        for record in self._hub.objects.list(NAMESPACES).items:
            self.queue.add(record.key.name, priority)


async def hand_back(hub: Hub, template: Obj, clusters: Collection[str]) -> Collection[str]:
    """A namespace that goes to every cluster stays where a policy of its own no longer wants it.

    Its Work becomes this controller's again. Returns the clusters where that is so; nothing is to be removed there.
    """
    if gvk_of(template) != NAMESPACE or not is_propagated(template, hub.rules.skips.namespaces):
        return ()
    overrides = hub.lenses.cluster_overrides()
    living = [c for c in hub.lenses.clusters().values() if c.name in clusters and not c.terminating]
    messages = [namespace_work(template, cluster, overrides) for cluster in living]
    await hub.works.publish(messages, _ORIGIN + name_of(template))
    return [cluster.name for cluster in living]


def _is_bindings(hub: Hub, message: WorkMessage) -> bool:
    entry = hub.works.get(WorkSubject(message.cluster, message.name))
    return entry is not None and not entry.deleted and key_of_origin(entry.origin) is not None


def _changes_what_it_gets(event: Event) -> bool:
    """A new cluster, or one that overrides may see with other eyes."""
    return event.type == "ADDED" or (event.type == "MODIFIED" and is_overridden_anew(event))
