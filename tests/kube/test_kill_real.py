"""kill -9 in the middle of 200 applies, and again when all is settled, with real kube-apiservers as members."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from flotilla_common.errors import Conflict, FlotillaError
from flotilla_common.objects import Obj
from tests.fleet import Fleet, fleet, until
from tests.kube.cluster import KubeCluster
from tests.manifests import deployment, policy

pytestmark = [pytest.mark.kube, pytest.mark.asyncio(loop_scope="module")]

NAMES = [f"web-{n:03}" for n in range(200)]
World = tuple[Fleet, list[KubeCluster]]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Two Pull members. No controllers run in them, so that nobody but the agents writes there."""
    async with AsyncExitStack() as stack:
        clusters = [await stack.enter_async_context(KubeCluster(name)) for name in ("east", "west")]
        running = await stack.enter_async_context(fleet(tmp_path_factory.mktemp("kill")))
        for cluster in clusters:
            await running.join_pull(cluster.name, target="kubernetes", kubeconfig=cluster.kubeconfig)
        await running.settled("east", "west")
        await running.client.create(policy("all", "east", "west"))
        yield running, clusters


async def members(clusters: list[KubeCluster]) -> list[dict[str, Obj]]:
    """Per member: Deployment name → object."""
    lists = await asyncio.gather(*(c.kubectl("get", "deployments", "-o", "json") for c in clusters))
    return [{o["metadata"]["name"]: o for o in json.loads(text)["items"]} for text in lists]


async def submit(running: Fleet, manifest: Obj) -> None:
    while True:
        try:
            await running.client.create(manifest)
            return
        except Conflict:
            return
        except FlotillaError:
            await asyncio.sleep(0.05)


async def kill_agent(running: Fleet) -> None:
    agent = running.members["west"].agent
    assert agent is not None
    await agent.kill()
    await agent.start()


async def kill_hub_and_nats(running: Fleet) -> None:
    running.kill_nats()
    await running.hub.kill()
    await running.hub.start()


async def test_a_kill_amid_200_applies_leaves_both_members_exactly_right(world: World) -> None:
    running, clusters = world

    async def some() -> bool:
        return min(len(m) for m in await members(clusters)) >= 20

    async with asyncio.TaskGroup() as users:
        for name in NAMES:
            users.create_task(submit(running, deployment(name)))
        await until("some are applied", some)
        await kill_agent(running)
        await kill_hub_and_nats(running)

    async def all_there() -> bool:
        return all(set(m) == set(NAMES) for m in await members(clusters))

    await until("both members hold all", all_there)
    for held in await members(clusters):
        # The generation counts the writes that changed a spec: one, the creation.
        assert {name: o["metadata"]["generation"] for name, o in held.items()} == dict.fromkeys(NAMES, 1)
        assert {o["spec"]["replicas"] for o in held.values()} == {2}


@pytest.mark.parametrize(
    "kill", [pytest.param(kill_agent, id="agent"), pytest.param(kill_hub_and_nats, id="hub-and-nats")]
)
async def test_a_kill_when_all_is_settled_writes_nothing(
    world: World, kill: Callable[[Fleet], Awaitable[None]], request: pytest.FixtureRequest
) -> None:
    running, clusters = world
    marker = f"after-{request.node.callspec.id}"
    before = [versions(m) for m in await members(clusters)]

    await kill(running)
    await submit(running, deployment(marker))

    async def arrived() -> bool:
        return all(marker in m for m in await members(clusters))

    await until("a new template arrives", arrived)
    after = [versions(m) for m in await members(clusters)]
    assert [{k: v for k, v in m.items() if k in b} for m, b in zip(after, before, strict=True)] == before


def versions(held: dict[str, Obj]) -> dict[str, str]:
    return {name: o["metadata"]["resourceVersion"] for name, o in held.items()}
