"""The hub asks agents how much more fits, over a real nats-server with their own accounts and permissions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flotilla_agent.link.estimates import Estimates as Agent
from flotilla_agent.targets.memory import MemoryTarget
from flotilla_agent.targets.memory_settings import MemorySettings
from flotilla_common.bus import Bus
from flotilla_common.messages import REPLICAS, EstimateAnswer
from flotilla_common.objects import encode
from flotilla_common.subjects import control, estimate
from flotilla_hub.controllers.estimates import Estimates
from flotilla_hub.scheduler.asking import Estimating, Question
from tests.manifests import deployment
from tests.realm import Realm

FOUR_CORES = encode({"replicaRequirements": {"resourceRequest": {"cpu": "4"}}})
WEB = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "default", "name": "web"}


@asynccontextmanager
async def answering(bus: Bus, cluster: str, nodes: int) -> AsyncIterator[MemoryTarget]:
    """The agent's part, for a simulated cluster of nodes with eight cores each."""
    target = MemoryTarget(MemorySettings(nodes=nodes, settle=0))
    agent = Agent(bus, cluster, target)
    async with bus.listening(control(cluster, "estimate"), agent.hear):
        running = asyncio.create_task(agent.run())
        await bus.flush()
        yield target
        running.cancel()
        await asyncio.wait([running])
    await target.close()


@asynccontextmanager
async def asking(bus: Bus, timeout: float = 10.0) -> AsyncIterator[Estimates]:
    estimates = Estimates(bus, Estimating(timeout))
    running = asyncio.create_task(estimates.run())
    await asyncio.sleep(0)
    await bus.flush()
    yield estimates
    running.cancel()
    await asyncio.wait([running])


def of(*clusters: str, body: bytes = FOUR_CORES) -> Question:
    return Question(clusters, REPLICAS, body)


async def test_every_cluster_says_what_its_nodes_have_room_for(realm: Realm) -> None:
    a, remote = await realm.agent("a"), await realm.remote()
    async with answering(a, "a", 1), answering(remote, "b", 3), asking(realm.hub) as hub:
        assert await hub.ask(of("a", "b")) == {"a": 2, "b": 6}


async def test_what_a_cluster_does_not_understand_it_does_not_know(realm: Realm) -> None:
    a = await realm.agent("a")
    async with answering(a, "a", 1), asking(realm.hub) as hub:
        assert await hub.ask(of("a", body=b'{"replicaRequirements": 7}')) == {}
        assert await hub.ask(Question(("a",), "weather", b"{}")) == {}
        assert await hub.ask(of("a")) == {"a": 2}


async def test_a_cluster_that_cannot_look_says_so_at_once(realm: Realm) -> None:
    a = await realm.agent("a")
    async with answering(a, "a", 1) as target, asking(realm.hub, timeout=60) as hub:
        target.reachable = False
        async with asyncio.timeout(10):
            assert await hub.ask(of("a")) == {}


async def test_pods_that_found_no_node_are_counted(realm: Realm) -> None:
    a = await realm.agent("a")
    async with answering(a, "a", 1) as target, asking(realm.hub) as hub, asyncio.timeout(10):
        manifest = deployment("web", replicas=5)
        manifest["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "4"}}
        target.put(manifest)
        while await hub.unschedulable(["a"], WEB, 0) != {"a": 3}:
            pass  # those of this very second have not waited yet


async def test_one_that_is_silent_is_waited_for_once_and_heard_when_it_speaks_again(realm: Realm) -> None:
    a, remote = await realm.agent("a"), await realm.remote()
    async with answering(a, "a", 1), asking(realm.hub, timeout=1) as hub, asyncio.timeout(10):
        for _ in range(20):
            assert await hub.ask(of("a", "b")) == {"a": 2}
        async with answering(remote, "b", 3):
            while await hub.ask(of("a", "b")) != {"a": 2, "b": 6}:
                pass


async def test_an_agent_speaks_for_its_own_cluster_only(realm: Realm) -> None:
    guest = await realm.guest("a")
    async with asking(realm.hub, timeout=0.3) as hub:
        question = asyncio.create_task(hub.ask(of("a", "b")))
        await guest.client.publish(estimate("b"), EstimateAnswer("b", "any", 99).pack())
        assert "permissions violation for publish" in await guest.refusal()
        assert await question == {}
