"""The scheduler's queue on a store in memory: in which order bindings are placed, who is woken by what, who is not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.controllers.controller import BINDINGS, Hub
from flotilla_hub.controllers.lenses import CLUSTERS, Lenses
from flotilla_hub.controllers.scheduler import SchedulerController
from flotilla_hub.dispatch.works import Works
from flotilla_hub.resources.registry import Registry
from flotilla_hub.rules import Rules
from flotilla_hub.scheduler.attempts import POOLED
from flotilla_hub.scheduler.profile import Profile
from flotilla_hub.store.memory import MemoryStore
from flotilla_hub.store.objects import Objects
from flotilla_hub.store.port import Key
from tests.unit.hub.scheduler.samples import DYNAMIC, NOW, binding, divided

CLAIM = {"propagationpolicy.karmada.io/permanent-id": "id"}


class Loop:
    """One scheduler whose queue the test works off by hand: nothing happens that it does not ask for."""

    def __init__(self, objects: Objects, rules: Rules) -> None:
        self.objects = objects
        hub = Hub(objects, Lenses(objects), Works(None, "test"), Registry(), lambda: NOW, rules=rules)
        self.hub, self.controller = hub, SchedulerController(hub)
        objects.subscribe(self.controller.notice)
        self.waits: dict[str, float | None] = {}

    async def bind(self, name: str, placement: Obj | None = None, **spec: Any) -> None:
        plain = binding(placement, **spec)
        plain["metadata"] = {"name": name, "namespace": "shop", "generation": 1, "labels": CLAIM}
        held = self.objects.get(Key(BINDINGS, "shop", name))
        plain["kind"], plain["spec"]["resource"]["namespace"] = "ResourceBinding", "shop"
        if held is None:
            await self.objects.create(Key(BINDINGS, "shop", name), plain)
        else:
            await self.objects.update(Key(BINDINGS, "shop", name), {**held, "spec": {**held["spec"], **plain["spec"]}})

    async def cluster(self, name: str, pods: int = 0, **spec: Any) -> None:
        apis = [{"groupVersion": "apps/v1", "resources": [{"name": "deployments", "kind": "Deployment"}]}]
        status = {"apiEnablements": apis, "resourceSummary": {"allocatable": {"pods": str(pods)}}}
        held = self.objects.get(Key(CLUSTERS, "", name))
        obj = {**(held or {"metadata": {"name": name}}), "spec": {"syncMode": "Pull", **spec}, "status": status}
        await (self.objects.update if held else self.objects.create)(Key(CLUSTERS, "", name), obj)

    async def turn(self) -> list[str]:
        """Work off what is in the queue; the names, in order."""
        queue, names = self.controller.queue, list[str]()
        self.controller._touched.flush()
        while len(queue):
            key = await queue.get()
            names.append(key.name)
            self.waits[key.name] = await self.controller.reconcile(key)
            queue.done(key)
            self.controller._touched.flush()
        return names

    def places(self, name: str) -> list[str]:
        held = self.objects.get(Key(BINDINGS, "shop", name))
        assert held is not None
        return [cluster["name"] for cluster in held["spec"].get("clusters") or ()]


@pytest.fixture
def rules() -> Rules:
    return Rules()


@pytest.fixture
async def loop(rules: Rules) -> AsyncIterator[Loop]:
    objects = Objects({"objects": MemoryStore(), "derived": MemoryStore()})
    await objects.load()
    feed = asyncio.create_task(objects.run())
    made = Loop(objects, rules)
    await made.cluster("m1", 9)
    await made.cluster("m2", 9)
    yield made
    feed.cancel()
    await asyncio.wait([feed])


async def prioritised(loop: Loop) -> list[str]:
    for name, priority in (("low", 1), ("plain", 0), ("high", 1000), ("negative", -5), ("also-high", 1000)):
        await loop.bind(name, schedulePriority={"priority": priority})
    return await loop.turn()


async def test_bindings_of_a_higher_priority_are_placed_first(loop: Loop) -> None:
    assert await prioritised(loop) == ["high", "also-high", "low", "plain", "negative"]


@pytest.mark.parametrize("rules", [Rules(scheduling=Profile(has_priorities=False))])
async def test_without_the_gate_they_go_in_the_order_they_came(loop: Loop) -> None:
    assert await prioritised(loop) == ["low", "plain", "high", "negative", "also-high"]


async def test_what_is_placed_is_not_looked_at_again(loop: Loop) -> None:
    await loop.bind("copies")
    await loop.bind("shares", divided())
    assert (await loop.turn(), await loop.turn(), loop.waits) == (
        ["copies", "shares"],
        [],
        {"copies": None, "shares": None},
    )


async def test_a_cluster_that_joins_wakes_only_those_it_may_concern(loop: Loop) -> None:
    for name, placement in (("copies", {}), ("shares", divided()), ("named", {"clusterAffinity": {"exclude": ["m3"]}})):
        await loop.bind(name, placement)
    await loop.turn()
    await loop.cluster("m3")
    assert (await loop.turn(), loop.places("copies")) == (["copies"], ["m1", "m2", "m3"])


async def test_a_cluster_that_goes_wakes_those_it_held(loop: Loop) -> None:
    await loop.bind("shares", divided())
    await loop.bind("elsewhere", {"clusterAffinity": {"clusterNames": ["m2"]}, **divided()})
    await loop.turn()
    await loop.objects.delete(Key(CLUSTERS, "", "m1"))
    assert (await loop.turn(), loop.places("shares")) == (["shares"], ["m2"])


async def test_the_room_a_cluster_reports_wakes_nobody_who_has_a_place(loop: Loop) -> None:
    await loop.bind("copies")
    await loop.bind("dynamic", DYNAMIC)
    await loop.turn()
    await loop.cluster("m1", 90)
    assert await loop.turn() == []


async def test_what_lacks_room_waits_in_the_pool_and_is_hastened_by_room(loop: Loop) -> None:
    await loop.bind("large", DYNAMIC, replicas=30)
    assert (await loop.turn(), loop.waits["large"]) == (["large"], POOLED)
    await loop.cluster("m1", 90)
    assert await loop.turn() == [], "its back-off is not over"
    loop.controller._attempts.forget(Key(BINDINGS, "shop", "large"))
    await loop.cluster("m1", 91)
    assert (await loop.turn(), loop.places("large")) == (["large"], ["m1", "m2"])


async def test_what_a_user_changes_is_tried_at_once_whatever_failed_before(loop: Loop) -> None:
    await loop.bind("large", DYNAMIC, replicas=30)
    await loop.turn()
    await loop.bind("large", DYNAMIC, replicas=3)
    assert (await loop.turn(), loop.places("large")) == (["large"], ["m1", "m2"])


async def test_an_error_backs_off(loop: Loop) -> None:
    await loop.bind("odd", {"spreadConstraints": [{"spreadByField": "zone"}]})
    await loop.cluster("m1", 9, zones=["z"])
    assert (await loop.turn(), loop.waits["odd"]) == (["odd"], 1.0)


GROUPED = Rules(scheduling=replace(Profile(), has_groups=True))


@pytest.mark.parametrize("rules", [GROUPED])
async def test_a_workload_goes_where_the_others_of_its_group_went(loop: Loop) -> None:
    group = {"workloadAffinityGroups": {"affinityGroup": "app=shop"}}
    await loop.bind("first", {"clusterAffinity": {"clusterNames": ["m2"]}}, **group)
    await loop.bind("second", **group)
    await loop.turn()
    assert loop.places("second") == ["m2"]


@pytest.mark.parametrize("rules", [GROUPED])
async def test_who_found_every_cluster_taken_is_woken_when_one_is_left(loop: Loop) -> None:
    group = {"workloadAffinityGroups": {"antiAffinityGroup": "app=shop"}}
    await loop.bind("first", **group)
    await loop.turn()
    await loop.bind("second", **group)
    await loop.turn()
    assert loop.places("second") == []
    loop.controller._attempts.forget(Key(BINDINGS, "shop", "second"))
    await loop.bind("first", {"clusterAffinity": {"clusterNames": ["m2"]}}, **group)
    await loop.turn()
    assert (loop.places("first"), loop.places("second")) == (["m2"], ["m1"])


@pytest.mark.parametrize("rules", [Rules(scheduling=replace(Profile(), has_assumptions=True))])
async def test_two_at_once_are_not_given_the_same_room(loop: Loop) -> None:
    only = {"clusterAffinity": {"clusterNames": ["m1"]}, **DYNAMIC}
    await loop.bind("first", only, replicas=6)
    await loop.bind("second", only, replicas=6)
    await loop.turn()
    assert (loop.places("first"), loop.places("second")) == (["m1"], [])
    await loop.objects.delete(Key(BINDINGS, "shop", "first"))
    loop.controller._attempts.forget(Key(BINDINGS, "shop", "second"))
    await loop.cluster("m1", 10)
    await loop.turn()
    assert loop.places("second") == ["m1"]


async def test_what_is_gone_is_forgotten(loop: Loop) -> None:
    await loop.bind("large", DYNAMIC, replicas=30, schedulePriority={"priority": 5})
    await loop.turn()
    await loop.objects.delete(Key(BINDINGS, "shop", "large"))
    held = loop.controller
    assert (len(held._attempts), held._wishes._wishes, held._priorities) == (0, {}, {})


async def test_the_result_is_told_in_an_event(loop: Loop) -> None:
    await loop.bind("copies")
    await loop.turn()
    note, _ = await loop.hub.events.take()
    assert (note.kind, note.reason, note.message) == (
        "ResourceBinding",
        "ScheduleBindingSucceed",
        "Binding has been scheduled successfully. Result: {m1:3, m2:3}",
    )
