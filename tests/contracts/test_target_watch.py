"""The law of the Target port on watches, outages and facts, read out to a simulated and to a real cluster."""

import asyncio
from contextlib import aclosing

import pytest

from flotilla_agent.engine.target import Seen
from flotilla_common.conditions import find
from flotilla_common.errors import Unavailable
from flotilla_common.objects import ref_of
from tests.works import CONFIG_MAP, DEPLOYMENT, config_map, deployment, labelled, managed
from tests.worlds import World, first_pass, take

# One loop for the module: the API server lives as long as the module, and its processes belong to a loop.
pytestmark = pytest.mark.asyncio(loop_scope="module")


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
    assert set(status["resourceSummary"]) == {"allocatable", "allocating", "allocated", "allocatableModelings"}
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
