"""Every namespace of the hub in every cluster, so that what lives in it can be applied.

Keys are namespaces, which go to all clusters, and clusters, which get all namespaces: what is new costs its own Works.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from flotilla_common.errors import FlotillaError, Terminal
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import GVK, Obj, gvk_of, name_of
from flotilla_common.runtime.loop import together
from flotilla_common.runtime.queue import KeyQueue
from flotilla_common.subjects import WorkSubject

from ..model.cluster import Cluster
from ..names import is_reserved
from ..override.reach import is_reached_anew
from ..store.objects import Event
from ..store.port import Key
from ..work.namespace import is_propagated, namespace_work
from .changes import cluster_change, placement_may_change
from .controller import LIVE, RESYNC, Hub, key_of_origin
from .lenses import CLUSTER_OVERRIDES, CLUSTERS

__all__ = ["NamespaceController", "hand_back"]

NAMESPACES = "namespaces"
NAMESPACE = GVK("", "v1", "Namespace")
_ORIGIN = "namespace:"


class _To(NamedTuple):
    """Everything of one side that goes to the other: either `namespace` or `cluster` is empty."""

    namespace: str = ""
    cluster: str = ""


class NamespaceController:
    name = "namespace"
    workers = 2

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[_To] = KeyQueue()
        self._hub = hub
        # Without those the hub keeps for its clusters: there are as many of them as clusters.
        self._names = {r.key.name for r in hub.objects.list(NAMESPACES).items if not is_reserved(r.key.name)}

    def notice(self, event: Event) -> None:
        key = event.record.key
        if key.resource == NAMESPACES and not is_reserved(key.name):
            (self._names.discard if event.type == "DELETED" else self._names.add)(key.name)
            self.queue.add(_To(namespace=key.name), LIVE - 1)  # ahead of what is to live in it
        elif key.resource == CLUSTER_OVERRIDES:
            self._add_all(LIVE)
        elif key.resource == CLUSTERS and placement_may_change(event) and self._gets_others(event):
            self.queue.add(_To(cluster=key.name), LIVE)

    def resync(self) -> None:
        self._add_all(RESYNC)
        for origin in self._hub.works.origins():
            if origin.startswith(_ORIGIN):
                self.queue.add(_To(namespace=origin.removeprefix(_ORIGIN)), RESYNC)

    async def reconcile(self, key: _To) -> float | None:
        clusters = self._hub.lenses.clusters()
        if key.namespace:
            await self._send(key.namespace, list(clusters.values()))
        elif cluster := clusters.get(key.cluster):
            await together([self._send(name, (cluster,)) for name in sorted(self._names)])
        return None

    async def _send(self, name: str, clusters: Iterable[Cluster]) -> None:
        namespace, origin = self._hub.objects.get(Key(NAMESPACES, "", name)), _ORIGIN + name
        works = self._hub.works
        if namespace is None:
            await works.bury(subject for subject, _ in works.of_origin(origin))
        elif is_propagated(namespace, self._hub.rules.skips.namespaces):
            messages, failures = self._messages(namespace, clusters)
            # Where a policy of the namespace's own has it, the binding's Work is the one.
            messages = [m for m in messages if not _is_bindings(self._hub, m)]
            refused = await works.publish(messages, origin)
            if self._hub.objects.get(Key(NAMESPACES, "", name)) != namespace:
                # It changed, or went, while this was on its way under another key than its own.
                self.queue.add(_To(namespace=name), LIVE - 1)
            failures += [f"{subject.cluster}: {why}" for subject, why in refused.items()]
            if failures:
                raise Terminal("; ".join(failures))

    def _messages(self, namespace: Obj, clusters: Iterable[Cluster]) -> tuple[list[WorkMessage], list[str]]:
        overrides = self._hub.lenses.overrides_for(namespace)
        messages: list[WorkMessage] = []
        failures: list[str] = []
        for cluster in clusters:
            if cluster.terminating:
                continue
            try:
                messages.append(namespace_work(namespace, cluster, overrides))
            except FlotillaError as err:
                failures.append(f"{cluster.name}: {err}")
        return messages, failures

    def _gets_others(self, event: Event) -> bool:
        """A new cluster, or one that an override policy sees with other eyes than before."""
        before, after = cluster_change(event)
        if after is None:
            return False
        return before is None or is_reached_anew(self._hub.lenses.cluster_overrides(), before, after)

    def _add_all(self, priority: int) -> None:
        for name in self._names:
            self.queue.add(_To(namespace=name), priority)


async def hand_back(hub: Hub, template: Obj, clusters: Collection[str]) -> Collection[str]:
    """A namespace that goes to every cluster stays where a policy of its own no longer wants it.

    Its Work becomes this controller's again. Returns the clusters where that is so; nothing is to be removed there.
    """
    if gvk_of(template) != NAMESPACE or not is_propagated(template, hub.rules.skips.namespaces):
        return ()
    overrides = hub.lenses.overrides_for(template)
    living = [c for c in hub.lenses.clusters().values() if c.name in clusters and not c.terminating]
    messages = [namespace_work(template, cluster, overrides) for cluster in living]
    await hub.works.publish(messages, _ORIGIN + name_of(template))
    return [cluster.name for cluster in living]


def _is_bindings(hub: Hub, message: WorkMessage) -> bool:
    entry = hub.works.get(WorkSubject(message.cluster, message.name))
    return entry is not None and not entry.deleted and key_of_origin(entry.origin) is not None
