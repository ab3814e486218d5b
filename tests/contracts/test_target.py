"""The law of the Target port, read out to the simulated cluster and to a real kube-apiserver."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from itertools import count
from typing import Any, Protocol

import pytest
import pytest_asyncio

from flotilla_agent.engine.target import SYNCED, Missing, Seen, Target
from flotilla_agent.settings import KubernetesSettings
from flotilla_agent.targets.kubernetes import KubernetesTarget
from flotilla_agent.targets.memory import MemoryTarget
from flotilla_agent.targets.memory_settings import MemorySettings
from flotilla_common.conditions import find
from flotilla_common.errors import Conflict, Invalid, Unavailable
from flotilla_common.objects import GVK, Obj, Ref, annotations_of, labels_of, meta_of, ref_of
from tests.kube.cluster import KubeCluster
from tests.works import (
    CONFIG_MAP,
    DEPLOYMENT,
    annotated,
    config_map,
    custom_resource_definition,
    deployment,
    labelled,
    managed,
    namespace,
)

# One loop for the module: the API server lives as long as the module, and its processes belong to a loop.
pytestmark = pytest.mark.asyncio(loop_scope="module")

_NUMBERS = count()


class World(Protocol):
    """A cluster as a test sees it: the target, others who write there, and the cable."""

    target: Target
    namespace: str

    async def put(self, obj: Obj) -> None:
        """Somebody else writes these fields."""

    async def remove(self, ref: Ref) -> None: ...

    async def cut(self) -> None: ...

    async def heal(self) -> None: ...


class Simulated:
    """The memory target and its back doors."""

    def __init__(self) -> None:
        self.target = self._cluster = MemoryTarget(MemorySettings(settle=0))
        self.namespace = "test"
        self._cluster.put(namespace(self.namespace))

    async def put(self, obj: Obj) -> None:
        live = self._cluster.find(ref_of(obj)) or {}
        self._cluster.put({**live, **obj, "metadata": {**meta_of(live), **obj["metadata"]}})

    async def remove(self, ref: Ref) -> None:
        self._cluster.remove(ref)

    async def cut(self) -> None:
        self._cluster.reachable = False

    async def heal(self) -> None:
        self._cluster.reachable = True


class Real:
    """A kube-apiserver, and kubectl for the others."""

    def __init__(self, cluster: KubeCluster, target: KubernetesTarget, name: str) -> None:
        self.target = target
        self.namespace = name
        self._cluster = cluster

    async def put(self, obj: Obj) -> None:
        arguments = ("apply", "--server-side", "--force-conflicts", "--field-manager=hand", "-f", "-")
        await self._cluster.kubectl(*arguments, stdin=json.dumps(obj))

    async def remove(self, ref: Ref) -> None:
        await self._cluster.kubectl("delete", ref.gvk.kind, ref.name, f"--namespace={ref.namespace}", "--wait=false")

    async def cut(self) -> None:
        await self._cluster.kill_apiserver()

    async def heal(self) -> None:
        await self._cluster.start_apiserver()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kube() -> AsyncIterator[KubeCluster]:
    async with KubeCluster("contract") as cluster:
        yield cluster


@pytest.fixture(params=["memory", pytest.param("kubernetes", marks=pytest.mark.kube)])
def cluster(request: pytest.FixtureRequest) -> KubeCluster | None:
    return None if request.param == "memory" else request.getfixturevalue("kube")


@pytest_asyncio.fixture(loop_scope="module")
async def world(cluster: KubeCluster | None) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        if cluster is None:
            simulated = Simulated()
            stack.push_async_callback(simulated.target.close)
            yield simulated
            return
        target = await KubernetesTarget.open(str(cluster.kubeconfig), KubernetesSettings(max_delay=0.5))
        stack.push_async_callback(target.close)
        real = Real(cluster, target, f"test-{next(_NUMBERS)}")
        await target.apply(namespace(real.namespace), force=False)
        yield real


async def take(events: AsyncIterator[Any], wanted: int) -> list[Any]:
    """The next events, without SYNCED."""
    found: list[Any] = []
    async with asyncio.timeout(20):
        while len(found) < wanted:
            if (event := await anext(events)) is not SYNCED:
                found.append(event)
    return found


async def first_pass(events: AsyncIterator[Any]) -> list[Any]:
    """All events before SYNCED."""
    found: list[Any] = []
    async with asyncio.timeout(20):
        while (event := await anext(events)) is not SYNCED:
            found.append(event)
    return found


async def test_what_is_not_there_is_none(world: World) -> None:
    mine = ref_of(config_map(namespace=world.namespace))

    assert await world.target.get(mine) is None
    assert await world.target.get(mine._replace(namespace="nowhere")) is None
    assert await world.target.get(mine._replace(gvk=GVK("nobody.test", "v1", "Thing"))) is None


async def test_what_was_applied_is_read_back(world: World) -> None:
    applied = await world.target.apply(managed(config_map(namespace=world.namespace, sky="blue")), force=False)

    assert applied["data"] == {"sky": "blue"}
    assert meta_of(applied)["uid"]
    assert await world.target.get(ref_of(applied)) == applied


async def test_a_reader_cannot_alter_what_is_stored(world: World) -> None:
    applied = await world.target.apply(config_map(namespace=world.namespace, sky="blue"), force=False)
    applied["data"]["sky"] = "red"

    found = await world.target.get(ref_of(applied))

    assert found is not None and found["data"] == {"sky": "blue"}


async def test_an_apply_does_not_change_its_argument(world: World) -> None:
    desired = managed(deployment(namespace=world.namespace))

    await world.target.apply(desired, force=True)

    assert desired == managed(deployment(namespace=world.namespace))


async def test_the_same_again_is_no_write(world: World) -> None:
    desired = managed(deployment(namespace=world.namespace))
    first = await world.target.apply(desired, force=False)

    second = await world.target.apply(desired, force=True)

    assert meta_of(second)["resourceVersion"] == meta_of(first)["resourceVersion"]


async def test_fields_we_no_longer_set_go_and_others_stay(world: World) -> None:
    ours = config_map(namespace=world.namespace, sky="blue", sea="green")
    await world.target.apply(ours, force=False)
    await world.put(labelled(config_map(namespace=world.namespace, sand="yellow"), team="a"))

    applied = await world.target.apply(config_map(namespace=world.namespace, sky="red"), force=True)

    assert applied["data"] == {"sky": "red", "sand": "yellow"}
    assert labels_of(applied) == {"team": "a"}


async def test_a_field_of_anothers_is_taken_by_force_only(world: World) -> None:
    await world.put(config_map(namespace=world.namespace, sky="theirs"))
    ours = config_map(namespace=world.namespace, sky="ours")

    with pytest.raises(Conflict):
        await world.target.apply(ours, force=False)

    assert (await world.target.apply(ours, force=True))["data"] == {"sky": "ours"}


@pytest.mark.parametrize("is_there", [True, False], ids=["another-took-the-name", "it-is-gone"])
async def test_an_apply_to_one_object_does_not_hit_another(world: World, is_there: bool) -> None:
    obj = config_map(namespace=world.namespace)
    if is_there:
        await world.put(obj)
    pinned = {**obj, "metadata": {**obj["metadata"], "uid": "11111111-2222-3333-4444-555555555555"}}

    with pytest.raises(Conflict):
        await world.target.apply(pinned, force=True)


async def test_a_missing_namespace_or_kind_may_yet_come(world: World) -> None:
    with pytest.raises(Missing, match="nowhere"):
        await world.target.apply(config_map(namespace="nowhere"), force=False)
    with pytest.raises(Missing, match=r"nobody\.test/v1 Thing"):
        await world.target.apply(_custom("nobody.test", "Thing", world.namespace), force=False)

    # Neither answer stands in the way of what is there.
    await world.target.apply(config_map(namespace=world.namespace), force=False)


async def test_a_definition_brings_its_kind(world: World) -> None:
    group = f"{world.namespace}.test"
    widget = _custom(group, "Widget", world.namespace)
    await world.target.apply(custom_resource_definition(group, "Widget"), force=False)

    async with asyncio.timeout(20):
        while True:
            try:
                applied = await world.target.apply(widget, force=False)
                break
            except Missing:
                await asyncio.sleep(0.05)

    assert applied["spec"] == widget["spec"]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"name": "No_Such_Name"}, id="a-bad-name"),
        pytest.param({"namespace": ""}, id="no-namespace"),
    ],
)
async def test_what_breaks_a_rule_is_invalid(world: World, broken: Obj) -> None:
    obj = config_map(namespace=world.namespace)

    with pytest.raises(Invalid):
        await world.target.apply({**obj, "metadata": {**obj["metadata"], **broken}}, force=False)


async def test_deleted_is_gone_and_deleting_nothing_is_fine(world: World) -> None:
    applied = await world.target.apply(config_map(namespace=world.namespace), force=False)
    mine = ref_of(applied)

    await world.target.delete(mine, uid=meta_of(applied)["uid"])
    await world.target.delete(mine, uid=meta_of(applied)["uid"])
    await world.target.delete(mine._replace(gvk=GVK("nobody.test", "v1", "Thing")))

    assert await world.target.get(mine) is None


async def test_what_took_the_name_of_ours_is_not_deleted(world: World) -> None:
    await world.put(config_map(namespace=world.namespace))
    mine = ref_of(config_map(namespace=world.namespace))

    with pytest.raises(Conflict):
        await world.target.delete(mine, uid="11111111-2222-3333-4444-555555555555")

    assert await world.target.get(mine) is not None


async def test_released_means_without_our_marks(world: World) -> None:
    obj = annotated(managed(config_map(namespace=world.namespace, sky="blue")), {"a.test/x": "1", "b.test/y": "2"})
    applied = await world.target.apply(obj, force=False)
    mine, uid = ref_of(applied), meta_of(applied)["uid"]

    await world.target.release(mine, uid=uid, labels=("karmada.io/managed",), annotations=("a.test/x", "not-there"))

    found = await world.target.get(mine)
    assert found is not None
    assert (found["data"], labels_of(found), annotations_of(found)) == ({"sky": "blue"}, {}, {"b.test/y": "2"})


async def test_only_the_very_object_is_released(world: World) -> None:
    await world.put(managed(config_map(namespace=world.namespace)))
    mine = ref_of(config_map(namespace=world.namespace))
    wrong = "11111111-2222-3333-4444-555555555555"

    with pytest.raises(Conflict):
        await world.target.release(mine, uid=wrong, labels=("karmada.io/managed",), annotations=())
    await world.target.release(mine._replace(name="absent"), uid=wrong, labels=("a",), annotations=())


async def test_a_watch_tells_what_is_there_and_managed_then_synced(world: World) -> None:
    await world.put(config_map("theirs", world.namespace))
    applied = await world.target.apply(managed(config_map("ours", world.namespace)), force=False)

    async with aclosing(world.target.watch(CONFIG_MAP)) as events:
        there = await first_pass(events)

    assert [e for e in there if e.ref.namespace == world.namespace] == [Seen(ref_of(applied), applied)]


async def test_a_watch_tells_each_change_once(world: World) -> None:
    async with aclosing(world.target.watch(DEPLOYMENT)) as events:
        await first_pass(events)
        applied = await world.target.apply(managed(deployment("a", world.namespace)), force=False)
        (created,) = await take(events, 1)
        await world.target.delete(ref_of(applied))
        (deleted,) = await take(events, 1)

    assert (created.ref, created.obj["spec"]["replicas"]) == (ref_of(applied), 2)
    assert deleted == Seen(ref_of(applied), None)


async def test_losing_the_mark_looks_like_a_deletion(world: World) -> None:
    async with aclosing(world.target.watch(CONFIG_MAP)) as events:
        await first_pass(events)
        applied = await world.target.apply(managed(config_map("a", world.namespace)), force=False)
        await take(events, 1)
        await world.put(labelled(config_map("a", world.namespace), karmada_io__managed="false"))
        (lost,) = await take(events, 1)

    assert lost == Seen(ref_of(applied), None)


async def test_an_outage_is_said_so_and_watches_live_through_it(world: World) -> None:
    applied = await world.target.apply(managed(config_map("a", world.namespace)), force=False)
    async with aclosing(world.target.watch(CONFIG_MAP)) as events:
        await first_pass(events)
        async with asyncio.TaskGroup() as group:
            meanwhile = group.create_task(first_pass(events))
            await world.cut()
            with pytest.raises(Unavailable):
                await world.target.get(ref_of(applied))
            away = (await world.target.facts()).status
            await world.heal()
        assert meanwhile.result() == []
        await world.remove(ref_of(applied))
        assert await take(events, 1) == [Seen(ref_of(applied), None)]

    ready = find(away["conditions"], "Ready")
    assert ready is not None
    assert (ready["status"], ready["reason"], ready["message"]) == (
        "False",
        "ClusterNotReachable",
        "cluster is not reachable",
    )


async def test_facts_name_version_kinds_nodes_and_conditions(world: World) -> None:
    status = (await world.target.facts()).status

    apps = next(entry for entry in status["apiEnablements"] if entry["groupVersion"] == "apps/v1")
    assert {"name": "deployments", "kind": "Deployment"} in apps["resources"]
    assert status["kubernetesVersion"].startswith("v1.")
    assert set(status["nodeSummary"]) == {"totalNum", "readyNum"}
    assert set(status["resourceSummary"]) == {"allocatable", "allocating", "allocated"}
    assert [(c["type"], c["status"], c["reason"]) for c in status["conditions"]] == [
        ("Ready", "True", "ClusterReady"),
        ("CompleteAPIEnablements", "True", "Complete"),
    ]


async def test_facts_are_sorted_and_have_no_subresources(world: World) -> None:
    enabled = (await world.target.facts()).status["apiEnablements"]

    versions = [entry["groupVersion"] for entry in enabled]
    names = [[resource["name"] for resource in entry["resources"]] for entry in enabled]
    assert versions == sorted(versions)
    assert names == [sorted(plurals) for plurals in names]
    assert not [name for plurals in names for name in plurals if "/" in name]


async def test_facts_that_did_not_change_are_the_same(world: World) -> None:
    first = await world.target.facts()

    assert await world.target.facts() == first


def _custom(group: str, kind: str, where: str) -> Obj:
    meta = {"name": "x", "namespace": where}
    return {"apiVersion": f"{group}/v1", "kind": kind, "metadata": meta, "spec": {"size": 1}}
