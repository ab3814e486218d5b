"""The scheduler on a running hub: workloads that avoid one another, what lacks room, and who goes first."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from flotilla_common.objects import Obj
from tests.fleet import Fleet, fleet, until
from tests.manifests import deployment
from tests.placed import Placed, placed, policy_for

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE = {"spreadConstraints": [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 1}]}
DYNAMIC = {
    "replicaScheduling": {
        "replicaSchedulingType": "Divided",
        "replicaDivisionPreference": "Weighted",
        "weightPreference": {"dynamicWeight": "AvailableReplicas"},
    }
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    """Workloads may avoid one another; two members of three nodes, each good for four cores."""
    gates = "WorkloadAffinity=true,MultiplePodTemplatesScheduling=true"
    async with fleet(tmp_path_factory.mktemp("scheduling"), "--feature-gates", gates) as running:
        for name in ("east", "west"):
            await running.join_pull(name)
        await running.settled("east", "west")
        yield running


def labelled(name: str, replicas: int = 1, cpu: str = "100m", **labels: str) -> Obj:
    manifest = deployment(name, replicas=replicas)
    manifest["metadata"]["labels"] = labels
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    container["resources"] = {"requests": {"cpu": cpu}}
    return manifest


async def scheduled(web: Placed) -> Obj:
    found = (await web.binding()).get("status", {}).get("conditions") or ()
    return next((c for c in found if c["type"] == "Scheduled"), {})


async def places(web: Placed) -> list[str]:
    return [c["name"] for c in (await web.binding())["spec"].get("clusters") or ()]


async def test_workloads_of_one_group_keep_apart_and_a_third_waits_for_a_place(two: Fleet) -> None:
    apart = {**ONE, "workloadAffinity": {"antiAffinity": {"groupByLabelKey": "team"}}}
    found = [await placed(two, labelled(f"apart-{i}", team="a"), placement=apart) for i in range(2)]
    assert sorted(await places(found[0]) + await places(found[1])) == ["east", "west"]

    template = labelled("apart-2", team="a")
    await two.client.create(policy_for(template, placement=apart))
    await two.client.create(template)
    third = Placed(two, template)

    async def waits() -> bool:
        return (await scheduled(third)).get("reason") == "NoClusterFit"

    await until("the third finds every cluster taken", waits)
    taken = "cluster already has workload with the same anti-affinity group"
    assert (await scheduled(third))["message"] == f"0/2 clusters are available: 2 {taken}."

    left = await places(found[0])
    (served,) = await two.client.find("deployments")
    await two.client.delete(served, found[0].name, "default")

    async def is_placed() -> bool:
        return await places(third) == left

    await until("it takes the place that was left", is_placed)


async def test_what_lacks_room_is_placed_when_a_cluster_joins(two: Fleet) -> None:
    template = labelled("large", 30, "1")
    await two.client.create(policy_for(template, placement=DYNAMIC))
    await two.client.create(template)
    large = Placed(two, template)

    async def lacks_room() -> bool:
        return (await scheduled(large)).get("reason") == "Unschedulable"

    await until("six nodes are not enough", lacks_room)
    assert (await scheduled(large))["message"] == "Clusters available replicas 24 are not enough to schedule."
    await two.join_pull("north")

    async def is_placed() -> bool:
        return sorted(await places(large)) == ["east", "north", "west"]

    await until("nine are", is_placed)


async def test_events_tell_where_it_went(two: Fleet) -> None:
    web = await placed(two, labelled("told"), placement={"clusterAffinity": {"clusterNames": ["east"]}})
    (served,) = await two.client.find("events")

    async def told() -> list[Any]:
        items = (await two.client.list(served, "default"))["items"]
        mine = [item for item in items if item["involvedObject"]["name"] == web.name]
        return [item["message"] for item in mine if item["reason"] == "ScheduleBindingSucceed"]

    messages = await until("an Event tells of it", told)
    assert messages == ["Binding has been scheduled successfully. Result: {east:1}"]
