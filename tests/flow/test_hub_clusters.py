"""The life of a cluster as the hub sees it: heard, lost, found again, removed, joined once more; one fleet for all."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
import yaml

from flotilla_common.node_grades import UNBOUNDED
from flotilla_common.objects import Obj
from tests.fleet import FLOTILLA, Fleet, Member, Process, fleet, until
from tests.manifests import config_map
from tests.placed import is_absent, placed

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNREACHABLE = "cluster.karmada.io/unreachable"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    """A hub with one member that stays, `home`; each test joins another of its own."""
    async with fleet(tmp_path_factory.mktemp("clusters")) as running:
        await running.join_pull("home")
        await running.settled("home")
        yield running


@asynccontextmanager
async def joined(world: Fleet, name: str) -> AsyncIterator[Member]:
    """A Pull member that is ready, and out of the fleet at the end."""
    member = await world.join_pull(name)
    await world.settled(name)
    try:
        yield member
    finally:
        del world.members[name]
        if member.agent is not None:
            await member.agent.stop()


async def cluster(world: Fleet, name: str) -> Obj:
    return await world.get("clusters", name)


async def taints(world: Fleet, name: str) -> list[str]:
    return [taint["key"] for taint in (await cluster(world, name))["spec"].get("taints") or ()]


async def ready(world: Fleet, name: str, status: str) -> None:
    async def is_so() -> bool:
        return await world.condition("clusters", name, "Ready") == status

    await until(f"Ready of {name} is {status}", is_so)


async def removed(world: Fleet, name: str) -> None:
    (served,) = await world.client.find("clusters")
    await world.client.delete(served, name)
    await until(f"cluster {name} is gone", lambda: is_absent(world, "clusters", name))
    await until("its namespace too", lambda: is_absent(world, "namespaces", f"karmada-es-{name}"))


async def test_a_lost_agent_shows_as_unknown_and_unreachable_until_it_is_back(world: Fleet) -> None:
    async with joined(world, "lost") as member:
        there = await placed(world, config_map("before-the-loss", {"v": "1"}))
        assert member.agent is not None
        await member.agent.kill()
        await ready(world, "lost", "Unknown")
        assert await taints(world, "lost") == [UNREACHABLE]
        assert (await there.told())["lost"] == (True, ""), "what runs there is not forgotten"

        before = (await cluster(world, "lost"))["status"]["conditions"]
        await world.hub.kill()
        await world.hub.start()
        await world.ready()
        await placed(world, config_map("after-the-restart", {"v": "1"}), "home")
        now = (await cluster(world, "lost"))["status"]["conditions"]
        assert (now, await taints(world, "lost")) == (before, [UNREACHABLE]), "a dead agent's old words count no more"

        await member.agent.start()
        await ready(world, "lost", "True")
        assert await taints(world, "lost") == []
        await there.change(v="2")
        await there.arrives("lost", {"v": "2"})


async def test_a_cluster_that_can_be_reached_is_emptied_before_it_goes_and_may_come_again(world: Fleet) -> None:
    async with joined(world, "leaving") as member:
        there = await placed(world, config_map("leaves-with-it", {"v": "1"}))
        await removed(world, "leaving")
        assert there.there("leaving") is None
        assert there.there("home")

        # The same agent, which was never stopped, has to be asked what its cluster is like.
        await world.create_cluster("leaving", {"syncMode": "Pull"})
        await ready(world, "leaving", "True")
        await there.arrives("leaving", {"v": "1"})
        assert member.writes()[there.key] == 3, "made, removed, made again"


async def test_a_cluster_nobody_can_reach_goes_all_the_same_and_keeps_what_it_has(world: Fleet) -> None:
    async with joined(world, "dead") as member:
        there = await placed(world, config_map("outlives-it", {"v": "1"}))
        assert member.agent is not None
        await member.agent.kill()
        await removed(world, "dead")
        assert there.there("dead")

        async def told_of_home_only() -> bool:
            return set(await there.told()) == {"home"}

        await until("the binding has forgotten it", told_of_home_only)
        await there.settled()


async def test_objects_kept_by_their_policy_stay_in_a_cluster_that_leaves(world: Fleet) -> None:
    async with joined(world, "kept"):
        there = await placed(world, config_map("stays", {"v": "1"}), preserveResourcesOnDeletion=True)
        await removed(world, "kept")
        assert there.data("kept") == {"v": "1"} or _unmanaged(world, "kept", "stays")


def _unmanaged(world: Fleet, name: str, work: str) -> bool:
    """It is there, and carries no mark of ours any more."""
    member = world.members[name]
    rows = member._rows("SELECT name FROM objects WHERE kind = 'ConfigMap'")
    return (work,) in rows


async def test_two_agents_of_one_name_both_end_at_what_the_policies_say(world: Fleet) -> None:
    """By mistake, as when a machine was cloned. What the hub is told last, it shows."""
    async with joined(world, "twin") as member:
        first = world.directory / "twin"
        second = world.directory / "twin-again"
        second.mkdir()
        settings = yaml.safe_load((first / "agent.yaml").read_text())
        (second / "agent.yaml").write_text(yaml.safe_dump(settings))
        shutil.copy(first / "agent.creds", second)
        clone = Process((*FLOTILLA, "agent", "run", "--config", str(second)), world.directory / "twin-again.log")
        await clone.start()
        try:
            names = [f"twin-{n}" for n in range(10)]
            for name in names:
                await placed(world, config_map(name, {"v": "1"}), "twin")
            other = Member("twin-again", second / "cluster.db", clone)

            async def both_hold_them() -> bool:
                return all(f"ConfigMap default/{n}" in m.objects() for n in names for m in (member, other))

            await until("both hold everything", both_hold_them)
            await ready(world, "twin", "True")
        finally:
            await clone.stop()


async def test_an_agent_counts_its_nodes_by_the_grades_its_cluster_names(world: Fleet) -> None:
    async with joined(world, "graded"):

        async def counted() -> list[int]:
            summary = (await cluster(world, "graded"))["status"].get("resourceSummary") or {}
            return [modeling["count"] for modeling in summary.get("allocatableModelings") or ()]

        async def are_counted_by_default() -> bool:
            return await counted() == [0, 0, 0, 3, 0, 0, 0, 0, 0]

        await until("they are counted by upstream's grades", are_counted_by_default)
        held = await cluster(world, "graded")
        low, high = {"name": "cpu", "min": "0", "max": "6"}, {"name": "cpu", "min": "6", "max": UNBOUNDED}
        grades = [{"grade": 0, "ranges": [low]}, {"grade": 1, "ranges": [high]}]
        await world.client.replace({**held, "spec": {**held["spec"], "resourceModels": grades}})

        async def are_counted_anew() -> bool:
            return await counted() == [0, 3]

        await until("they are counted by the new ones", are_counted_anew)
