"""The life of a Cluster on the hub: its execution namespace, whether it is heard, what it reports, and its leaving."""

import asyncio
import logging
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from flotilla_common.conditions import is_true
from flotilla_common.errors import Conflict, NotFound
from flotilla_common.messages import ClusterReport, Heartbeat
from flotilla_common.node_grades import GradesMessage, digest_of_grades
from flotilla_common.objects import Obj, encode, meta_of
from flotilla_common.runtime.loop import together
from flotilla_common.runtime.queue import KeyQueue
from flotilla_common.subjects import WorkSubject

from ..admission.lifecycle import updated
from ..admission.own_namespaces import fresh_namespace
from ..dispatch.entry import WorkEntry
from ..names import execution_namespace
from ..status.cluster import cluster_after, grades_of
from ..store.objects import Event
from ..store.port import Key
from .controller import MANY, RESYNC, Hub, let_go, new_id
from .lenses import CLUSTERS
from .presence import Presence

__all__ = ["ClusterController"]

FINALIZER = "karmada.io/cluster-controller"
log = logging.getLogger(__name__)


class ClusterController:
    """Keys are cluster names. `ask` has an agent read all its Works again, and say again what it says of its cluster;
    `teach` tells it by which grades to count its nodes.

    `grace`: seconds.
    """

    name = "cluster"
    workers = MANY

    def __init__(
        self,
        hub: Hub,
        grace: float,
        ask: Callable[[str], Awaitable[None]],
        teach: Callable[[GradesMessage], Awaitable[None]],
    ) -> None:
        self.queue: KeyQueue[str] = KeyQueue()
        self._hub = hub
        self._ask = ask
        self._teach = teach
        self._presence = Presence(asyncio.get_running_loop().time, grace)
        self._reported: dict[str, ClusterReport] = {}
        """The last of each, its status compressed: it is read once in a grace period."""
        self._stuck: set[str] = set()

    def notice(self, event: Event) -> None:
        name = event.record.key.name
        if event.record.key.resource != CLUSTERS:
            return
        if event.type == "ADDED":
            self._presence.expect(name)
        elif event.type == "DELETED":
            self._presence.forget(name)
            self._reported.pop(name, None)
        self.queue.add(name)

    def resync(self) -> None:
        for record in self._hub.objects.list(CLUSTERS).items:
            self.queue.add(record.key.name, RESYNC)

    def note_report(self, report: ClusterReport, is_live: bool) -> None:
        report = replace(report, status=zlib.compress(report.status, 1))
        if self._reported.get(report.cluster) == report:
            return
        self._reported[report.cluster] = report
        if is_live:
            self._presence.hear(report.cluster)
        self.queue.add(report.cluster)

    def note_heartbeat(self, beat: Heartbeat) -> None:
        """Costs a comparison while all is well: ten thousand agents send a thousand of these a second."""
        if self._presence.hear(beat.cluster):
            self.queue.add(beat.cluster)
        if self._presence.compare(beat.cluster, (beat.held, beat.fold), self._hub.works.held(beat.cluster)):
            self._stuck.add(beat.cluster)
            self.queue.add(beat.cluster)

    def notice_work(self, subject: WorkSubject, entry: WorkEntry) -> None:
        """The last Work of a leaving cluster may be gone."""
        cluster = self._hub.lenses.clusters().get(subject.cluster) if entry.deleted else None
        if cluster is not None and cluster.terminating:
            self.queue.add(subject.cluster)

    async def reconcile(self, key: str) -> float | None:
        cluster = self._hub.objects.get(Key(CLUSTERS, "", key))
        if cluster is None:
            return None
        if meta_of(cluster).get("deletionTimestamp"):
            return await self._leave(key, cluster)
        await self._settle(key, cluster)
        await self._repair(key)
        await self._agree_on_grades(key, cluster)
        # Look again when the grace period would end; a heartbeat in between only moves the clock.
        return None if self._presence.is_silent(key) else self._next_look(key)

    def _next_look(self, name: str) -> float:
        return max(0.05, self._presence.patience(name))

    async def _settle(self, name: str, cluster: Obj) -> None:
        """The execution namespace, the finalizer, the status and the taints."""
        if FINALIZER not in (meta_of(cluster).get("finalizers") or ()):
            await self._namespace(name)
            metadata = cluster["metadata"]
            metadata["finalizers"] = [*(metadata.get("finalizers") or ()), FINALIZER]
            cluster = await self._hub.objects.update(Key(CLUSTERS, "", name), cluster)
        # What a dead agent once said of its cluster must not make it Ready again when the hub starts.
        report = self._reported.get(name) if self._presence.was_heard(name) else None
        is_silent = self._presence.is_silent(name)
        status, graded = (zlib.decompress(report.status), report.graded) if report else (None, "")
        after = cluster_after(cluster, status, is_silent, self._hub.now(), graded)
        if after is not None:
            await self._hub.objects.update(Key(CLUSTERS, "", name), updated(cluster, after))

    async def _repair(self, name: str) -> None:
        if name in self._stuck:
            log.warning("agent does not hold what was published, it is asked to read again", extra={"cluster": name})
        elif self._presence.is_silent(name) or not self._presence.was_heard(name) or name in self._reported:
            return
        # It speaks, but not of its cluster: it did so before the Cluster was there, perhaps in an earlier life of it.
        await self._ask(name)
        self._stuck.discard(name)

    async def _agree_on_grades(self, name: str, cluster: Obj) -> None:
        """Have the agent count its nodes by the Cluster's grades; said at every look until it does."""
        report, grades = self._reported.get(name), grades_of(cluster)
        if report is not None and grades and report.graded != digest_of_grades(grades):
            await self._teach(GradesMessage(name, encode(grades)))

    async def _namespace(self, name: str) -> None:
        namespace, labels = execution_namespace(name), {"karmada.io/system": "true"}
        with suppress(Conflict):  # it is there already
            fresh = fresh_namespace(namespace, self._hub.now(), new_id(), labels)
            await self._hub.objects.create(Key("namespaces", "", namespace), fresh)

    async def _leave(self, name: str, cluster: Obj) -> float | None:
        """Remove what runs there if the cluster can still be reached; what cannot be reached must not hold us up."""
        works = [subject for subject, _ in self._hub.works.of_cluster(name)]
        is_ready = is_true((cluster.get("status") or {}).get("conditions"), "Ready")
        if works and is_ready and not self._presence.is_silent(name):
            await self._hub.works.bury(works)
            return self._next_look(name)
        await together(self._hub.works.forget(subject) for subject in works)
        await self._hub.works.forget_cluster(name)
        with suppress(NotFound):
            await self._hub.objects.delete(Key("namespaces", "", execution_namespace(name)))
        await let_go(self._hub, Key(CLUSTERS, "", name), cluster, FINALIZER)
        return None
