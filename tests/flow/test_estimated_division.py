"""Replicas divided by what single nodes have room for: a Pull and a Push cluster of three nodes with eight cores each.

Their sums alone would promise more: 24 cores are four pods of five, but three nodes are three.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from flotilla_common.objects import Obj
from tests.fleet import Fleet, fleet, until
from tests.manifests import deployment
from tests.placed import Placed, policy_for

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Without models, which promise less than the nodes have: their grades are coarse.
FLAGS = ("--enable-scheduler-estimator", "--feature-gates", "CustomizedClusterResourceModeling=false")
BY_ROOM = {
    "replicaScheduling": {
        "replicaSchedulingType": "Divided",
        "replicaDivisionPreference": "Weighted",
        "weightPreference": {"dynamicWeight": "AvailableReplicas"},
    }
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    directory = tmp_path_factory.mktemp("estimates")
    async with fleet(directory, *FLAGS, remote=True) as running:
        await running.join_pull("pull")
        await running.join_push("push")
        await running.settled("pull", "push")
        yield running


async def test_no_node_gets_more_than_it_has_room_for(two: Fleet) -> None:
    template = deployment("web", replicas=7)
    template["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "5"}}
    await two.client.create(policy_for(template, placement=BY_ROOM))
    await two.client.create(template)
    web = Placed(two, template)

    async def said() -> str:
        conditions = (await web.binding()).get("status", {}).get("conditions") or ()
        return next((c["message"] for c in conditions if c["type"] == "Scheduled"), "")

    async def is_refused() -> bool:
        return await said() == "Clusters available replicas 6 are not enough to schedule."

    await until("one pod too many is seen", is_refused)

    held = await two.get("deployments", "web")
    await two.client.replace({**held, "spec": {**held["spec"], "replicas": 6}})

    async def placed() -> list[Obj]:
        return (await web.binding())["spec"].get("clusters") or []

    async def is_even() -> bool:
        return await placed() == [{"name": "pull", "replicas": 3}, {"name": "push", "replicas": 3}]

    await until("each cluster has as many as it has nodes", is_even)
