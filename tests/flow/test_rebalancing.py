"""A WorkloadRebalancer on a running hub: what was placed is divided anew, and the rebalancer goes when it is done."""

from collections.abc import AsyncIterator
from datetime import datetime
from itertools import count

import pytest
import pytest_asyncio

from flotilla_common.objects import Obj
from tests.fleet import Fleet, fleet, until
from tests.manifests import deployment
from tests.placed import is_absent, placed

pytestmark = pytest.mark.asyncio(loop_scope="module")

STATIC = {"replicaScheduling": {"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Weighted"}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    async with fleet(tmp_path_factory.mktemp("rebalancing")) as running:
        await running.join_pull("home")
        await running.settled("home")
        yield running


def rebalancer(name: str, *workloads: str, **spec: int) -> Obj:
    named = [{"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "default", "name": w} for w in workloads]
    body = {"apiVersion": "apps.karmada.io/v1alpha1", "kind": "WorkloadRebalancer", "metadata": {"name": name}}
    return {**body, "spec": {"workloads": named, **spec}}


async def test_a_workload_is_placed_anew_and_what_is_not_there_is_named(one: Fleet) -> None:
    web = await placed(one, deployment("web"), placement=STATIC)
    before = scheduled_at(await web.binding())
    numbers = count()

    async def is_scheduled_anew() -> bool:
        # Times have whole seconds: one that is made in the second of the last result asks for nothing new.
        await one.client.create(rebalancer(f"all-{next(numbers)}", "web", "nowhere"))
        return scheduled_at(await web.binding()) > before

    await until("the binding is scheduled anew", is_scheduled_anew)

    async def is_finished() -> bool:
        return bool((await one.get("workloadrebalancers", "all-0")).get("status", {}).get("finishTime"))

    await until("the rebalancer is finished", is_finished)
    told = (await one.get("workloadrebalancers", "all-0"))["status"]["observedWorkloads"]
    assert [(line["workload"]["name"], line["result"], line.get("reason")) for line in told] == [
        ("nowhere", "Failed", "ReferencedBindingNotFound"),
        ("web", "Successful", None),
    ]


async def test_one_that_may_go_at_once_goes_when_it_is_done(one: Fleet) -> None:
    await one.client.create(rebalancer("brief", "nowhere", ttlSecondsAfterFinished=0))
    await until("it is gone", lambda: is_absent(one, "workloadrebalancers", "brief"))


def scheduled_at(binding: Obj) -> datetime:
    return datetime.fromisoformat(binding["status"]["lastScheduledTime"])
