"""Leaving a cluster: for a taint, because the application is not well there; and the taints that policies set."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from flotilla_common.objects import Obj
from tests.fleet import Fleet, fleet, until
from tests.manifests import config_map, deployment
from tests.placed import Placed, placed, policy_for

pytestmark = pytest.mark.asyncio(loop_scope="module")

FLAGS = ("--feature-gates", "Failover=true", "--enable-no-execute-taint-eviction", "--resource-eviction-rate", "100")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    """Two members that are well, and one in which no Deployment ever becomes ready."""
    async with fleet(tmp_path_factory.mktemp("evictions"), *FLAGS) as running:
        await running.join_pull("east")
        await running.join_pull("west")
        state = running.directory / "stuck" / "cluster.db"
        await running.join_pull("stuck", target=f"memory://stuck?settle=99999&state={state}")
        await running.settled("east", "west", "stuck")
        yield running


async def taint(world: Fleet, name: str, *taints: Obj) -> None:
    async def is_tainted() -> bool:
        held = await world.get("clusters", name)
        return bool(await world.client.replace({**held, "spec": {**held["spec"], "taints": list(taints)}}))

    await until(f"{name} has its taints", is_tainted)


async def taints_of(world: Fleet, name: str) -> list[tuple[str, str]]:
    held = (await world.get("clusters", name))["spec"].get("taints") or ()
    return [(t["key"], t["effect"]) for t in held]


async def targets(there: Placed) -> set[str]:
    return {c["name"] for c in (await there.binding())["spec"].get("clusters") or ()}


async def reasons(world: Fleet, name: str) -> set[str]:
    (served,) = await world.client.find("events")
    listing = await world.client.list(served, "default")
    return {e["reason"] for e in listing["items"] if e["involvedObject"]["name"] == name}


async def test_what_does_not_tolerate_a_taint_leaves_once_its_copy_elsewhere_is_well(world: Fleet) -> None:
    leaving = await placed(world, config_map("leaves", {"v": "1"}), "east", "west")
    tolerations = [{"key": "down", "operator": "Exists"}]
    placement = {"clusterAffinity": {"clusterNames": ["east"]}, "clusterTolerations": tolerations}
    staying = await placed(world, config_map("tolerates", {"v": "1"}), placement=placement)
    await taint(world, "east", {"key": "down", "effect": "NoExecute"})
    await leaving.leaves("east")
    await until("only west is left", lambda: _is(targets(leaving), {"west"}))
    await until("its task is over", lambda: _has_no_task(leaving))
    assert staying.data("east") == {"v": "1"}
    told = {"EvictWorkloadFromClusterSucceed"}
    await until("it is told", lambda: _is(reasons(world, "leaves-configmap"), told, at_least=True))
    await taint(world, "east")


async def test_an_application_that_stays_unwell_leaves_and_is_well_elsewhere(world: Fleet) -> None:
    # Longer than the copy in west takes to become ready: it would have to leave as well.
    failover = {"application": {"decisionConditions": {"tolerationSeconds": 2}, "purgeMode": "Gracefully"}}
    affinities = [
        {"affinityName": "first", "clusterNames": ["stuck"]},
        {"affinityName": "second", "clusterNames": ["west"]},
    ]
    spec: dict[str, Any] = {"failover": failover, "propagateDeps": True}
    template = deployment("moves", replicas=2)
    await world.client.create(policy_for(template, placement={"clusterAffinities": affinities}, **spec))
    await world.client.create(template)
    there = Placed(world, template)
    await until("it runs in west", lambda: _is(targets(there), {"west"}))
    await there.leaves("stuck")
    await there.settled()


async def test_a_policy_taints_a_cluster_by_its_conditions_and_takes_it_back(world: Fleet) -> None:
    ready = {"conditionType": "Ready", "operator": "In", "statusValues": ["True"]}
    spec = {
        "targetClusters": {"clusterNames": ["west"]},
        "addOnConditions": [ready],
        "taints": [{"key": "full", "effect": "NoSchedule"}],
    }
    manifest = {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "ClusterTaintPolicy",
        "metadata": {"name": "full"},
        "spec": spec,
    }
    stored = await world.client.create(manifest)
    await until("west is tainted", lambda: _is(taints_of(world, "west"), [("full", "NoSchedule")]))
    fresh = {**{k: v for k, v in spec.items() if k != "addOnConditions"}, "removeOnConditions": [ready]}
    await world.client.replace({**stored, "spec": fresh})
    await until("and no more", lambda: _is(taints_of(world, "west"), []))


async def _is(asked: Any, expected: Any, *, at_least: bool = False) -> bool:
    found = await asked
    return bool(found >= expected if at_least else found == expected)


async def _has_no_task(there: Placed) -> bool:
    return not (await there.binding())["spec"].get("gracefulEvictionTasks")
