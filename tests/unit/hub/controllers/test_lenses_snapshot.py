"""The clusters as the scheduler sees them: always as they are, and what was worked out is kept as long as it holds."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.controllers.lenses import CLUSTERS, Lenses
from flotilla_hub.scheduler.decide import decide
from flotilla_hub.store.memory import MemoryStore
from flotilla_hub.store.objects import Objects
from flotilla_hub.store.port import Key
from tests.unit.hub.scheduler.samples import DYNAMIC, request


def member(name: str, pods: int, **labels: str) -> Obj:
    apis = [{"groupVersion": "apps/v1", "resources": [{"name": "deployments", "kind": "Deployment"}]}]
    status = {"apiEnablements": apis, "resourceSummary": {"allocatable": {"pods": str(pods)}}}
    return {"metadata": {"name": name, "labels": labels}, "spec": {"syncMode": "Pull"}, "status": status}


class World:
    def __init__(self, objects: Objects) -> None:
        self.objects, self.lenses = objects, Lenses(objects)

    async def put(self, name: str, pods: int, **labels: str) -> None:
        key = Key(CLUSTERS, "", name)
        held = self.objects.get(key)
        fresh = member(name, pods, **labels)
        if held is None:
            await self.objects.create(key, fresh)
        else:
            version = held["metadata"]["resourceVersion"]
            await self.objects.update(key, {**fresh, "metadata": {**fresh["metadata"], "resourceVersion": version}})

    def placed(self, **fields: Any) -> list[tuple[str, int | None]]:
        decision = decide(request(DYNAMIC, **fields), self.lenses.snapshot())
        return [(target.name, target.replicas) for target in decision.targets]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    objects = Objects({"objects": MemoryStore(), "derived": MemoryStore()})
    await objects.load()
    feed = asyncio.create_task(objects.run())
    made = World(objects)
    for name in ("m1", "m2"):
        await made.put(name, 9)
    yield made
    feed.cancel()
    await asyncio.wait([feed])


async def test_without_a_change_it_stays_the_same(world: World) -> None:
    assert world.lenses.snapshot() is world.lenses.snapshot()


async def test_other_room_is_seen_and_keeps_what_was_judged(world: World) -> None:
    assert world.placed(replicas=4) == [("m1", 2), ("m2", 2)]
    before = world.lenses.snapshot()
    await world.put("m1", 0)
    assert world.placed(replicas=4) == [("m2", 4)]
    assert world.lenses.snapshot().lasting is before.lasting


async def test_anything_else_has_it_judged_anew(world: World) -> None:
    world.placed(replicas=4)
    before = world.lenses.snapshot()
    await world.put("m1", 9, tier="gold")
    assert world.lenses.snapshot().lasting is not before.lasting


async def test_of_two_changes_the_greater_counts(world: World) -> None:
    world.placed(replicas=4)
    await world.put("m1", 0)
    await world.objects.delete(Key(CLUSTERS, "", "m2"))
    await world.put("m1", 5)
    assert world.placed(replicas=4) == [("m1", 4)]
