"""The engine on a real kube-apiserver, which rewrites what it is given: the two must never write in circles."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import pytest_asyncio

from flotilla_agent.engine.engine import Engine
from flotilla_agent.journal import Journal
from flotilla_agent.targets.kubernetes import KubernetesTarget
from flotilla_common.messages import WorkMessage, WorkReport
from flotilla_common.objects import Obj, Ref, decode, labels_of, name_of, ref_of
from tests.eventually import eventually
from tests.kube.cluster import KubeCluster
from tests.works import config_map, custom_resource_definition, deployment, labelled, row, tombstone, work

pytestmark = [pytest.mark.kube, pytest.mark.asyncio(loop_scope="module")]

SHOP = "shop"
SELECTOR = {"matchLabels": {"app": "x"}}
REQUESTS = {"requests": {"cpu": "1000m", "memory": "1024Mi"}, "limits": {"cpu": 2}}
STORAGE = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1024Mi"}}}
SCALED = {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}


def obj(api_version: str, kind: str, **fields: Any) -> Obj:
    meta = {"name": f"a-{kind.lower()}", "namespace": SHOP}
    return {"apiVersion": api_version, "kind": kind, "metadata": meta, **fields}


def pod(restart: str = "Always", **container: Any) -> Obj:
    spec = {"containers": [{"name": "c", "image": "c:1", **container}], "restartPolicy": restart}
    return {"metadata": {"labels": {"app": "x"}}, "spec": spec}


REWRITTEN = [
    obj("apps/v1", "Deployment", spec={"selector": SELECTOR, "template": pod(resources=REQUESTS)}),
    obj("apps/v1", "StatefulSet", spec={"serviceName": "s", "selector": SELECTOR, "template": pod()}),
    obj("apps/v1", "DaemonSet", spec={"selector": SELECTOR, "template": pod(env=[{"name": "A", "value": ""}])}),
    obj("v1", "Service", spec={"selector": {"app": "x"}, "ports": [{"port": 80}]}),
    obj("v1", "Secret", stringData={"password": "p"}),
    obj("v1", "ServiceAccount"),
    obj("v1", "PersistentVolumeClaim", spec=STORAGE),
    obj("batch/v1", "Job", spec={"template": pod("Never")}),
    obj("autoscaling/v2", "HorizontalPodAutoscaler", spec=SCALED),
    obj("networking.k8s.io/v1", "NetworkPolicy", spec={"podSelector": {}, "policyTypes": ["Ingress"], "ingress": []}),
    {**custom_resource_definition(), "status": {"storedVersions": []}},
]


class Counting(KubernetesTarget):
    """Remembers what was applied, in order."""

    applied: list[str]

    async def apply(self, obj: Obj, *, force: bool) -> Obj:
        self.applied.append(name_of(obj))
        return await super().apply(obj, force=force)


class Agent:
    """An engine on the real cluster, and the hands of a user there."""

    def __init__(self, cluster: KubeCluster, target: Counting, journal: Journal) -> None:
        self.reports: dict[str, WorkReport] = {}
        self.target = target
        self._cluster = cluster
        self._journal = journal
        self._revision = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Engine]:
        engine = Engine(self.target, self._journal, lambda report: self.reports.update({report.work: report}))
        task = asyncio.create_task(engine.run())
        try:
            yield engine
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def give(self, engine: Engine, message: WorkMessage) -> None:
        self._revision += 1
        engine.offer(self._journal.put_works([row(message, self._revision)]))

    async def told(self, where: Callable[[WorkReport], object], name: str = "w") -> WorkReport:
        await eventually(lambda: name in self.reports and where(self.reports[name]), within=20)
        return self.reports[name]

    async def live(self, ref: Ref) -> Obj:
        return await self.target.get(ref) or {}

    async def put(self, obj: Obj) -> None:
        await self._cluster.kubectl("apply", "-f", "-", stdin=json.dumps(obj))

    async def patch(self, ref: Ref, change: Obj, *options: str) -> None:
        arguments = ("patch", ref.gvk.kind, ref.name, f"--namespace={ref.namespace}", "--type=merge", *options)
        await self._cluster.kubectl(*arguments, f"--patch={json.dumps(change)}")

    async def becomes(self, ref: Ref, check: Callable[[Obj], object]) -> Obj:
        """Wait until the live object is such; return it."""
        async with asyncio.timeout(20):
            while not check(found := await self.live(ref)):  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.02)
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kube() -> AsyncIterator[KubeCluster]:
    async with KubeCluster("engine") as cluster:
        await cluster.kubectl("create", "namespace", SHOP)
        yield cluster


@pytest_asyncio.fixture(loop_scope="module")
async def agent(kube: KubeCluster) -> AsyncIterator[Agent]:
    target = await Counting.open(str(kube.kubeconfig))
    assert isinstance(target, Counting)
    target.applied = []
    with Journal() as journal:
        yield Agent(kube, target, journal)
    await target.close()


@pytest.mark.parametrize("manifest", REWRITTEN, ids=lambda manifest: str(manifest["kind"]))
async def test_what_the_server_rewrites_is_not_written_again(agent: Agent, manifest: Obj) -> None:
    async with agent.running() as engine:
        agent.give(engine, work(manifest))
        await agent.told(lambda r: r.applied)
        # Any change of others' makes the observer compare the whole object.
        await agent.patch(ref_of(manifest), {"metadata": {"labels": {"touched": "by-hand"}}})
    agent.reports.clear()
    async with agent.running() as engine:
        await agent.told(lambda r: r.applied)
        await eventually(lambda: engine.pending == 0)

    assert agent.target.applied == [name_of(manifest)]


async def test_a_hand_edit_is_repaired_with_one_write(agent: Agent) -> None:
    mine = deployment("edited", SHOP, replicas=2)
    async with agent.running() as engine:
        agent.give(engine, work(mine))
        await agent.told(lambda r: r.applied)
        await agent.patch(ref_of(mine), {"spec": {"replicas": 7}})
        await agent.becomes(ref_of(mine), lambda o: o["spec"]["replicas"] == 2)
        await eventually(lambda: engine.pending == 0)

    assert agent.target.applied == ["edited", "edited"]


async def test_where_an_autoscaler_lives_its_replicas_stay(agent: Agent) -> None:
    mine = deployment("scaled", SHOP, replicas=2)
    mine["metadata"]["labels"] = {"resourcetemplate.karmada.io/retain-replicas": "true"}
    async with agent.running() as engine:
        agent.give(engine, work(mine))
        await agent.told(lambda r: r.applied)
        await agent.patch(ref_of(mine), {"spec": {"replicas": 7}})
        agent.give(engine, work(labelled(mine, version="2")))
        found = await agent.becomes(ref_of(mine), lambda o: labels_of(o).get("version") == "2")

    assert (found["spec"]["replicas"], agent.target.applied) == (7, ["scaled", "scaled"])


async def test_a_status_set_in_the_cluster_is_reported_without_a_write(agent: Agent) -> None:
    mine = deployment("running", SHOP, replicas=1)
    async with agent.running() as engine:
        agent.give(engine, work(mine))
        await agent.told(lambda r: r.applied)
        counters = dict.fromkeys(("replicas", "readyReplicas", "availableReplicas", "updatedReplicas"), 1)
        await agent.patch(ref_of(mine), {"status": {**counters, "observedGeneration": 1}}, "--subresource=status")
        report = await agent.told(lambda r: r.objects[0].health == "Healthy")

    assert decode(report.objects[0].status)["readyReplicas"] == 1
    assert agent.target.applied == ["running"]


async def test_a_field_that_leaves_the_manifest_leaves_the_cluster(agent: Agent) -> None:
    mine = config_map("shrinking", SHOP, sky="blue", sea="green")
    async with agent.running() as engine:
        agent.give(engine, work(mine))
        await agent.told(lambda r: r.applied)
        await agent.patch(ref_of(mine), {"data": {"sand": "yellow"}})
        agent.give(engine, work(config_map("shrinking", SHOP, sky="blue")))
        found = await agent.becomes(ref_of(mine), lambda o: "sea" not in o["data"])

    assert found["data"] == {"sky": "blue", "sand": "yellow"}


async def test_a_change_of_what_may_not_change_is_said_and_not_tried_for_ever(agent: Agent) -> None:
    mine = obj("apps/v1", "Deployment", spec={"selector": SELECTOR, "template": pod()})
    mine["metadata"]["name"] = "fixed"
    other = {**mine, "spec": {"selector": {"matchLabels": {"app": "y"}}, "template": pod()}}
    async with agent.running() as engine:
        agent.give(engine, work(mine))
        await agent.told(lambda r: r.applied)
        agent.give(engine, work(other))
        report = await agent.told(lambda r: not r.applied)

    assert "field is immutable" in report.message
    assert agent.target.applied == ["fixed", "fixed"]


async def test_a_users_own_object_outlives_the_work_that_wanted_its_name(agent: Agent) -> None:
    theirs = config_map("theirs", SHOP, sky="mine")
    await agent.put(theirs)
    before = await agent.live(ref_of(theirs))
    async with agent.running() as engine:
        agent.give(engine, work(config_map("theirs", SHOP, sky="ours")))
        await agent.told(lambda r: not r.applied)
        agent.give(engine, tombstone())
        await agent.told(lambda r: r.removed)

    assert await agent.live(ref_of(theirs)) == before


async def test_a_tombstone_leaves_nothing(agent: Agent) -> None:
    mine = deployment("going", SHOP)
    async with agent.running() as engine:
        agent.give(engine, work(mine))
        await agent.told(lambda r: r.applied)
        agent.give(engine, tombstone())
        await agent.told(lambda r: r.removed)

    assert await agent.live(ref_of(mine)) == {}
