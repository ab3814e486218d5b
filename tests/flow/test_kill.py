"""kill -9 of hub, NATS or agent in the middle of 200 applies: nothing is lost, doubled or written in vain."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from flotilla_common.errors import Conflict, FlotillaError
from flotilla_common.objects import Obj
from tests.fleet import Fleet, fleet, until
from tests.manifests import deployment, policy

COUNT = 200
NAMES = [f"web-{n:03}" for n in range(COUNT)]


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Fleet]:
    """A hub and two Pull members, to both of which every Deployment goes."""
    async with fleet(tmp_path) as running:
        await running.join_pull("east")
        await running.join_pull("west")
        await running.settled("east", "west")
        await running.client.create(policy("all", "east", "west"))
        yield running


async def submit(running: Fleet, manifest: Obj) -> None:
    """As a user who tries again until the hub has said yes."""
    while True:
        try:
            await running.client.create(manifest)
            return
        except Conflict:
            return  # an earlier try was stored, and only its answer was lost
        except FlotillaError:
            await asyncio.sleep(0.05)


def held(running: Fleet) -> dict[str, set[str]]:
    """Member → names of the Deployments in it."""
    return {m.name: {key.split("/")[1] for key in m.objects("Deployment")} for m in running.members.values()}


async def some_applied(running: Fleet) -> bool:
    return min(len(names) for names in held(running).values()) >= 20


async def all_applied(running: Fleet) -> bool:
    return all(names == set(NAMES) for names in held(running).values())


async def all_settled(running: Fleet) -> bool:
    """Every template shows the replicas of both members."""
    (served,) = await running.client.find("deployments")
    items = (await running.client.list(served, "default"))["items"]
    return len(items) == COUNT and all((i.get("status") or {}).get("readyReplicas") == 4 for i in items)


async def kill_hub(running: Fleet) -> None:
    await running.hub.kill()
    await running.hub.start()


async def kill_nats(running: Fleet) -> None:
    running.kill_nats()


async def kill_hub_and_nats(running: Fleet) -> None:
    running.kill_nats()
    await running.hub.kill()
    await running.hub.start()


async def kill_agent(running: Fleet) -> None:
    agent = running.members["west"].agent
    assert agent is not None
    await agent.kill()
    await agent.start()


KILLS = [
    pytest.param(kill_hub, id="hub"),
    pytest.param(kill_nats, id="nats"),
    pytest.param(kill_hub_and_nats, id="hub-and-nats"),
    pytest.param(kill_agent, id="agent"),
]


@pytest.mark.parametrize("kill", KILLS)
async def test_a_kill_amid_200_applies_loses_and_doubles_nothing(
    two: Fleet, kill: Callable[[Fleet], Awaitable[None]]
) -> None:
    async with asyncio.TaskGroup() as users:
        for name in NAMES:
            users.create_task(submit(two, deployment(name)))
        await until("some are applied in both members", lambda: some_applied(two))
        await kill(two)

    await until("both members hold all", lambda: all_applied(two))
    await until("the hub shows all as ready", lambda: all_settled(two))

    for member in two.members.values():
        assert member.writes() == {f"Deployment default/{name}": 1 for name in NAMES}
        for name, held_there in member.objects("Deployment").items():
            assert held_there["spec"] == deployment(name.split("/")[1])["spec"]


@pytest.mark.parametrize("kill", KILLS)
async def test_a_kill_when_all_is_settled_causes_no_write_in_any_member(
    two: Fleet, kill: Callable[[Fleet], Awaitable[None]]
) -> None:
    names = NAMES[:20]
    for name in names:
        await two.client.create(deployment(name))
    await until("both hold them", lambda: _hold(two, names))
    before = {m.name: m.writes() for m in two.members.values()}

    await kill(two)
    await submit(two, deployment("after"))
    await until("a new template still arrives", lambda: _hold(two, [*names, "after"]))

    expected = {name: {**writes, "Deployment default/after": 1} for name, writes in before.items()}
    assert {m.name: m.writes() for m in two.members.values()} == expected


async def _hold(running: Fleet, names: list[str]) -> bool:
    return all(there == set(names) for there in held(running).values())
