"""Gives clusters the taints that ClusterTaintPolicies ask for. Keys are cluster names."""

from pydantic import ValidationError

from flotilla_common.objects import meta_of
from flotilla_common.runtime.queue import KeyQueue

from ..admission.lifecycle import updated
from ..eviction.taint_policies import tainted
from ..model.taint_policy import TaintPolicy
from ..store.objects import Event
from ..store.port import Key
from .controller import RESYNC, Hub
from .lenses import CLUSTERS

__all__ = ["TAINT_POLICIES", "TaintPolicyController"]

TAINT_POLICIES = "clustertaintpolicies.policy.karmada.io"


class TaintPolicyController:
    name = "cluster-taint-policy"
    workers = 1

    def __init__(self, hub: Hub) -> None:
        self.queue: KeyQueue[str] = KeyQueue()
        self._hub = hub

    def notice(self, event: Event) -> None:
        key = event.record.key
        if event.type == "DELETED":
            return
        if key.resource == CLUSTERS and self._hub.objects.list(TAINT_POLICIES).items:
            self.queue.add(key.name)
        elif key.resource == TAINT_POLICIES:
            self._add_all(0)

    def resync(self) -> None:
        if self._hub.objects.list(TAINT_POLICIES).items:
            self._add_all(RESYNC)

    async def reconcile(self, key: str) -> float | None:
        cluster = self._hub.objects.get(Key(CLUSTERS, "", key))
        if cluster is None or meta_of(cluster).get("deletionTimestamp"):
            return None
        after = tainted(cluster, self._policies(), self._hub.now())
        if after is not None:
            await self._hub.objects.update(Key(CLUSTERS, "", key), updated(cluster, after))
            said = f"Taint cluster succeed: {_shown(after['spec'].get('taints') or ())}."
            self._hub.events.note(cluster, "Normal", "TaintClusterSucceed", said)
        return None

    def _policies(self) -> list[TaintPolicy]:
        found: list[TaintPolicy] = []
        for record in self._hub.objects.list(TAINT_POLICIES).items:
            try:
                found.append(TaintPolicy.of(record.obj()))
            except ValidationError:
                continue  # an older release may have stored what this one cannot read
        return found

    def _add_all(self, priority: int) -> None:
        for record in self._hub.objects.list(CLUSTERS).items:
            self.queue.add(record.key.name, priority)


def _shown(taints: object) -> str:
    assert isinstance(taints, list | tuple)
    return ", ".join(f"{t['key']}:{t['effect']}" for t in taints) or "no taint left"
