"""One template, one write of its binding: the scheduler hears of it only when something changed in between."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.controllers.controller import BINDINGS, Hub
from flotilla_hub.controllers.detector import DetectorController
from flotilla_hub.controllers.lenses import CLUSTERS, POLICIES, Lenses
from flotilla_hub.controllers.scheduler import SchedulerController
from flotilla_hub.dispatch.works import Works
from flotilla_hub.quota.limits import QuotaExceeded
from flotilla_hub.resources.registry import Registry
from flotilla_hub.store.memory import MemoryStore
from flotilla_hub.store.objects import Objects
from flotilla_hub.store.port import Key
from tests.unit.hub.build import deployment, policy_object, selector
from tests.unit.hub.scheduler.samples import DYNAMIC, NOW

TEMPLATE, BINDING = Key("deployments.apps", "default", "nginx"), Key(BINDINGS, "default", "nginx-deployment")


class Pair:
    """A detector and a scheduler on a store in memory, whose queues the test works off by hand."""

    def __init__(self, objects: Objects) -> None:
        hub = Hub(objects, Lenses(objects), Works(None, "test"), Registry(), lambda: NOW)  # type: ignore[arg-type]
        self.hub, self.objects, self.scheduler = hub, objects, SchedulerController(hub)
        self.detector = DetectorController(hub, self.scheduler.first_place)
        for controller in (self.detector, self.scheduler):
            objects.subscribe(controller.notice)

    async def cluster(self, name: str) -> None:
        apis = [{"groupVersion": "apps/v1", "resources": [{"name": "deployments", "kind": "Deployment"}]}]
        cluster = {"metadata": {"name": name}, "spec": {"syncMode": "Pull"}, "status": {"apiEnablements": apis}}
        await self.objects.create(Key(CLUSTERS, "", name), cluster)

    async def policy(self, placement: Obj | None = None) -> None:
        policy = policy_object("web", "default", selector("nginx"), placement=placement or {})
        await self.objects.create(Key(POLICIES, "default", "web"), policy)

    async def detect(self) -> int:
        """Work off the detector's queue; how many turns that took."""
        turns = 0
        while len(self.detector.queue):
            key = await self.detector.queue.get()
            await self.detector.reconcile(key)
            self.detector.queue.done(key)
            turns += 1
        return turns

    def binding(self) -> Obj:
        held = self.objects.get(BINDING)
        assert held is not None
        return held

    def places(self) -> list[str]:
        return [cluster["name"] for cluster in self.binding()["spec"].get("clusters") or ()]


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    objects = Objects({"objects": MemoryStore(), "derived": MemoryStore()})
    await objects.load()
    feed = asyncio.create_task(objects.run())
    made = Pair(objects)
    await made.cluster("m1")
    yield made
    feed.cancel()
    await asyncio.wait([feed])
    assert all(record.seen() == record.obj() for record in objects.all()), "who only looks changes nothing"


async def test_a_template_costs_one_turn_and_one_write_of_its_binding(pair: Pair) -> None:
    await pair.policy()
    await pair.objects.create(TEMPLATE, deployment())
    assert (await pair.detect(), len(pair.scheduler.queue), pair.places()) == (1, 0, ["m1"])
    first = pair.binding()
    assert (first["metadata"]["generation"], first["status"]["schedulerObservedGeneration"]) == (2, 2)
    note, _ = await pair.hub.events.take()
    assert note.reason == "ScheduleBindingSucceed"


async def test_a_cluster_that_joins_afterwards_finds_it(pair: Pair) -> None:
    await pair.policy()
    await pair.objects.create(TEMPLATE, deployment())
    await pair.detect()
    await pair.cluster("m2")
    pair.scheduler._touched.flush()
    assert await pair.scheduler.queue.get() == BINDING


async def test_a_cluster_that_joins_before_it_is_stored_has_the_scheduler_look(pair: Pair) -> None:
    fresh = _fresh()
    with pair.scheduler.first_place.giving(BINDING, fresh) as placed:
        await pair.cluster("m2")
        await pair.objects.create(BINDING, placed)
    assert (pair.places(), await pair.scheduler.queue.get()) == (["m1"], BINDING)


async def test_what_somebody_else_stored_instead_is_the_schedulers(pair: Pair) -> None:
    with pair.scheduler.first_place.giving(BINDING, _fresh()):
        await pair.objects.create(BINDING, _fresh(replicas=9))
    assert await pair.scheduler.queue.get() == BINDING


async def test_what_needs_an_answer_is_stored_as_it_was(pair: Pair) -> None:
    await pair.policy(DYNAMIC)
    await pair.objects.create(TEMPLATE, deployment())
    await pair.detect()
    assert (pair.places(), await pair.scheduler.queue.get()) == ([], BINDING)


async def test_a_place_that_a_quota_has_no_room_for_is_the_schedulers_to_refuse(pair: Pair) -> None:
    @contextmanager
    def refusing(_: Key, binding: Obj) -> Iterator[None]:
        if binding["spec"].get("clusters"):
            raise QuotaExceeded("no room")
        yield

    pair.objects.guard(BINDINGS, refusing)
    await pair.policy()
    await pair.objects.create(TEMPLATE, deployment())
    await pair.detect()
    assert (pair.places(), await pair.scheduler.queue.get()) == ([], BINDING)


async def test_what_a_user_does_to_the_marks_is_looked_at(pair: Pair) -> None:
    await pair.policy()
    await pair.objects.create(TEMPLATE, deployment())
    await pair.detect()
    held = pair.objects.get(TEMPLATE)
    assert held is not None
    held["metadata"]["annotations"] = {}
    await pair.objects.update(TEMPLATE, held)
    assert await pair.detect() == 1
    template = pair.objects.get(TEMPLATE)
    assert template and template["metadata"]["annotations"]


def _fresh(replicas: int = 3) -> Obj:
    labels = {"propagationpolicy.karmada.io/permanent-id": "id"}
    resource = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "default", "name": "nginx"}
    return {
        "metadata": {"name": "nginx-deployment", "namespace": "default", "generation": 1, "labels": labels},
        "spec": {"resource": resource, "replicas": replicas, "placement": {}},
    }
