"""What a template refers to stays in a cluster as long as anything there may still need it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from flotilla_common.objects import Obj, annotations_of
from tests.fleet import Fleet, fleet, until
from tests.manifests import config_map, deployment
from tests.placed import Placed, placed, policy_for

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLUSTERS = ("east", "west")
PAUSED = "rollout.flotilla.io/paused"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    async with fleet(tmp_path_factory.mktemp("lasting")) as running:
        for name in CLUSTERS:
            await running.join_pull(name)
        await running.settled(*CLUSTERS)
        yield running


def reading(name: str, config_map: str) -> Obj:
    manifest = deployment(name)
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    container["envFrom"] = [{"configMapRef": {"name": config_map}}]
    return manifest


def placement(kind: str, *clusters: str) -> Any:
    return {"clusterAffinity": {"clusterNames": list(clusters)}, "schedulerStrategy": {"type": kind}}


async def holds(running: Fleet, name: str, *clusters: str) -> None:
    async def is_there() -> bool:
        return [c for c in CLUSTERS if f"ConfigMap default/{name}" in running.members[c].objects()] == list(clusters)

    await until(f"ConfigMap {name} is in {clusters} and nowhere else", is_there)


async def paused(web: Placed, is_paused: bool) -> None:
    binding = await web.binding()
    annotations = {**annotations_of(binding), PAUSED: str(is_paused).lower()}
    await web.fleet.client.replace({**binding, "metadata": {**binding["metadata"], "annotations": annotations}})


async def test_a_cluster_that_waits_for_its_wave_keeps_what_it_refers_to(two: Fleet) -> None:
    for name in ("before", "after"):
        await two.client.create(config_map(name, {"v": "1"}))
    rolling = placement("RollingUpdate", *CLUSTERS)
    web = await placed(two, reading("waves", "before"), placement=rolling, propagateDeps=True)
    await holds(two, "before", *CLUSTERS)
    await until("the first rollout is over", lambda: is_complete(web))

    await paused(web, True)
    await two.client.apply(reading("waves", "after"))
    await holds(two, "after", *CLUSTERS)
    await two.hub.stop()
    await two.hub.start()
    await two.ready()
    await placed(two, config_map("probe-waves", {"v": "1"}))
    await holds(two, "before", *CLUSTERS)

    await paused(web, False)
    await holds(two, "before")
    assert all("after" in str(web.there(cluster)) for cluster in CLUSTERS)


async def is_complete(web: Placed) -> bool:
    binding, template = await web.binding(), await web.fleet.get("deployments", web.name)
    rollout = (binding.get("status") or {}).get("rollout") or {}
    return bool(rollout.get("complete") and rollout["generation"] == template["metadata"]["generation"])


async def test_a_copy_that_stays_until_the_next_is_healthy_keeps_what_it_refers_to(two: Fleet) -> None:
    await two.client.create(config_map("handed", {"v": "1"}))
    template = reading("over", "handed")
    web = await placed(two, template, placement=placement("Failover", "east"), propagateDeps=True)
    await holds(two, "handed", "east")

    held_back = {"dispatchingOnClusters": {"clusterNames": ["west"]}}
    to_west = {"placement": placement("Failover", "west"), "propagateDeps": True}
    await two.client.apply(policy_for(template, **to_west, suspension=held_back))
    await holds(two, "handed", *CLUSTERS)
    await placed(two, config_map("probe-over", {"v": "1"}))
    assert web.there("east")
    await holds(two, "handed", *CLUSTERS)

    await two.client.apply(policy_for(template, **to_west, suspension={"dispatching": False}))
    await web.leaves("east")
    await holds(two, "handed", "west")
