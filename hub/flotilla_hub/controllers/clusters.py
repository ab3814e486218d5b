"""The life of a Cluster on the hub: its execution namespace, whether it is heard, what it reports, and its leaving."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from flotilla_common.errors import Conflict, NotFound
from flotilla_common.messages import ClusterReport, Heartbeat
from flotilla_common.objects import Obj, meta_of
from flotilla_common.runtime.queue import KeyQueue
from flotilla_common.subjects import WorkSubject

from ..admission.lifecycle import created
from ..dispatch.works import WorkEntry
from ..names import execution_namespace
from ..status.cluster import cluster_after
from ..store.objects import Event
from ..store.port import Key
from .controller import RESYNC, Hub, new_id
from .lenses import CLUSTERS

__all__ = ["ClusterController"]

FINALIZER = "karmada.io/cluster-controller"
log = logging.getLogger(__name__)


class ClusterController:
    """Keys are cluster names. `ask` sends an agent to read all its Works again."""

    name = "cluster"
    workers = 4

    def __init__(self, hub: Hub, grace: float, ask: Callable[[str], Awaitable[None]]) -> None:
        self.queue: KeyQueue[str] = KeyQueue()
        self._hub = hub
        self._grace = grace
        self._ask = ask
        self._clock = asyncio.get_running_loop().time
        self._started = self._clock()
        self._heard: dict[str, float] = {}
        self._reported: dict[str, ClusterReport] = {}
        self._differs: dict[str, tuple[int, int]] = {}
        self._stuck: set[str] = set()

    def notice(self, event: Event) -> None:
        if event.record.key.resource == CLUSTERS:
            self.queue.add(event.record.key.name)

    def resync(self) -> None:
        for record in self._hub.objects.list(CLUSTERS).items:
            self.queue.add(record.key.name, RESYNC)

    def note_report(self, report: ClusterReport) -> None:
        self._reported[report.cluster] = report
        self.queue.add(report.cluster)

    def note_heartbeat(self, beat: Heartbeat) -> None:
        """Costs a comparison while all is well: ten thousand agents send a thousand of these a second."""
        was_silent = self._is_silent(beat.cluster)
        self._heard[beat.cluster] = self._clock()
        if was_silent:
            self.queue.add(beat.cluster)
        expected = self._hub.works.held(beat.cluster)
        if (beat.held, beat.fold) == expected:
            self._differs.pop(beat.cluster, None)
        elif self._differs.get(beat.cluster) == expected:
            # Nothing was published between two heartbeats, and yet the agent does not hold it: it is not on its way.
            del self._differs[beat.cluster]
            self._stuck.add(beat.cluster)
            self.queue.add(beat.cluster)
        else:
            self._differs[beat.cluster] = expected

    def notice_work(self, subject: WorkSubject, entry: WorkEntry) -> None:
        """The last Work of a leaving cluster may be gone."""
        cluster = self._hub.lenses.clusters().get(subject.cluster) if entry.deleted else None
        if cluster is not None and cluster.terminating:
            self.queue.add(subject.cluster)

    async def reconcile(self, key: str) -> float | None:
        cluster = self._hub.objects.get(Key(CLUSTERS, "", key))
        if cluster is None:
            self._heard.pop(key, None)
            self._reported.pop(key, None)
            return None
        if meta_of(cluster).get("deletionTimestamp"):
            return await self._leave(key, cluster)
        await self._settle(key, cluster)
        await self._repair(key)
        # Look again when the grace period would end; a heartbeat in between only moves the clock.
        return max(0.05, self._grace - self._silence(key)) if not self._is_silent(key) else None

    async def _settle(self, name: str, cluster: Obj) -> None:
        """The execution namespace, the finalizer, the status and the taints."""
        if FINALIZER not in (meta_of(cluster).get("finalizers") or ()):
            await self._namespace(name)
            metadata = cluster["metadata"]
            metadata["finalizers"] = [*(metadata.get("finalizers") or ()), FINALIZER]
            cluster = await self._hub.objects.update(Key(CLUSTERS, "", name), cluster)
        report = self._reported.get(name)
        after = cluster_after(cluster, report.status if report else None, self._is_silent(name), self._hub.now())
        if after is not None:
            if after.get("spec") != cluster.get("spec"):
                after = {
                    **after,
                    "metadata": {**after["metadata"], "generation": meta_of(cluster).get("generation", 1) + 1},
                }
            await self._hub.objects.update(Key(CLUSTERS, "", name), after)

    async def _repair(self, name: str) -> None:
        if name in self._stuck:
            log.warning("agent does not hold what was published, it is asked to read again", extra={"cluster": name})
            await self._ask(name)
            self._stuck.discard(name)

    async def _namespace(self, name: str) -> None:
        namespace: Obj = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": execution_namespace(name), "labels": {"karmada.io/system": "true"}},
        }
        try:
            fresh = created(namespace, self._hub.now(), new_id())
            await self._hub.objects.create(Key("namespaces", "", execution_namespace(name)), fresh)
        except Conflict:
            pass  # it is there already

    async def _leave(self, name: str, cluster: Obj) -> float | None:
        """Remove what runs there if the cluster can still be reached; what cannot be reached must not hold us up."""
        works = [subject for subject, _ in self._hub.works.of_cluster(name)]
        if works and not self._is_silent(name) and self._is_ready(cluster):
            for subject, entry in self._hub.works.of_cluster(name):
                if not entry.deleted:
                    await self._hub.works.bury([subject], entry.origin)
            return max(0.05, self._grace - self._silence(name))
        for subject in works:
            await self._hub.works.forget(subject)
        await self._hub.works.forget_cluster(name)
        try:
            await self._hub.objects.delete(Key("namespaces", "", execution_namespace(name)))
        except NotFound:
            pass
        metadata = cluster["metadata"]
        metadata["finalizers"] = [f for f in metadata.get("finalizers") or () if f != FINALIZER]
        if metadata["finalizers"]:
            await self._hub.objects.update(Key(CLUSTERS, "", name), cluster)
        else:
            await self._hub.objects.delete(Key(CLUSTERS, "", name), int(metadata["resourceVersion"]))
        return None

    def _silence(self, name: str) -> float:
        """Seconds since the agent was heard, or since this hub started."""
        return self._clock() - self._heard.get(name, self._started)

    def _is_silent(self, name: str) -> bool:
        return self._silence(name) >= self._grace

    @staticmethod
    def _is_ready(cluster: Obj) -> bool:
        conditions = (cluster.get("status") or {}).get("conditions") or ()
        return any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)
