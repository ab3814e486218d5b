"""A FederatedResourceQuota on a running hub: its shares in the members, and that nothing goes beyond the whole."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from flotilla_common.errors import FlotillaError
from flotilla_common.objects import Obj
from tests.fleet import Fleet, fleet, until
from tests.manifests import deployment
from tests.placed import Placed, placed, policy_for, remove

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVEN = {"replicaScheduling": {"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Weighted"}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    """A hub that enforces quotas, and two members."""
    directory = tmp_path_factory.mktemp("quota")
    async with fleet(directory, "--feature-gates", "FederatedQuotaEnforcement=true") as running:
        for name in ("east", "west"):
            await running.join_pull(name)
        await running.settled("east", "west")
        yield running


def quota(name: str, namespace: str, shares: dict[str, Obj] | None = None, **overall: Any) -> Obj:
    assignments = [{"clusterName": cluster, "hard": hard} for cluster, hard in (shares or {}).items()]
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "FederatedResourceQuota",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"overall": overall, "staticAssignments": assignments},
    }


def of_one_core(name: str, replicas: int) -> Obj:
    manifest = deployment(name, replicas=replicas)
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    container["resources"] = {"requests": {"cpu": "1"}}
    return manifest


async def scheduled(web: Placed) -> Obj:
    found = (await web.binding()).get("status", {}).get("conditions") or ()
    return next((c for c in found if c["type"] == "Scheduled"), {})


async def is_said(web: Placed, reason: str) -> bool:
    return (await scheduled(web)).get("reason") == reason


async def replicas(web: Placed) -> int:
    return sum(c["replicas"] for c in (await web.binding())["spec"].get("clusters") or ())


async def scale(web: Placed, count: int) -> None:
    held = await web.fleet.get("deployments", web.name)
    await web.fleet.client.replace({**held, "spec": {**held["spec"], "replicas": count}})


async def test_each_cluster_gets_its_share_and_loses_it_again(two: Fleet) -> None:
    await two.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}})
    manifest = quota("shared", "team", {"east": {"cpu": "4"}, "west": {"cpu": "6"}}, cpu="10")
    await two.client.create(manifest)

    def hard(cluster: str) -> Any:
        held = two.members[cluster].objects("ResourceQuota").get("ResourceQuota team/shared")
        return held and held["spec"]["hard"]

    async def are_there() -> bool:
        return (hard("east"), hard("west")) == ({"cpu": "4"}, {"cpu": "6"})

    await until("both have their share", are_there)

    await two.client.apply(quota("shared", "team", {"east": {"cpu": "5"}}, cpu="10"))

    async def is_moved() -> bool:
        return (hard("east"), hard("west")) == ({"cpu": "5"}, None)

    await until("one has more and the other none", is_moved)
    await remove(two, manifest)

    async def is_gone() -> bool:
        return hard("east") is None

    await until("it is gone with the quota", is_gone)


async def test_what_is_beyond_the_quota_waits_until_there_is_room(two: Fleet) -> None:
    await two.client.create(quota("limit", "default", cpu="4"))
    first = await placed(two, of_one_core("first", 2), placement=EVEN)

    template = of_one_core("second", 3)
    await two.client.create(policy_for(template, placement=EVEN))
    await two.client.create(template)
    second = Placed(two, template)
    await until("the second is refused", lambda: is_said(second, "QuotaExceeded"))
    assert await scheduled(second) == {
        **await scheduled(second),
        "status": "False",
        "message": "FederatedResourceQuota(default/limit) exceeded for resource cpu: requested sum 5, limit 4.",
    }
    assert await replicas(second) == 0

    await scale(first, 1)
    await until("the second is placed", lambda: is_said(second, "Success"))
    assert (await replicas(first), await replicas(second)) == (1, 3)

    async def is_full() -> bool:
        return ((await two.get("federatedresourcequotas", "limit")).get("status") or {}).get("overallUsed") == {
            "cpu": "4"
        }

    await until("the quota says what is used", is_full)
    with pytest.raises(FlotillaError, match="requested sum 6, limit 4"):
        await enlarge(second)

    await scale(second, 4)
    await until("growing is refused", lambda: is_said(second, "QuotaExceeded"))
    assert await replicas(second) == 3
    await two.client.apply(quota("limit", "default", cpu="5"))
    await until("the raised quota has room", lambda: is_said(second, "Success"))
    assert await replicas(second) == 4


async def test_pods_that_ask_for_more_wait_for_room_too(two: Fleet) -> None:
    await two.client.apply(quota("limit", "default", cpu="100"))
    web = await placed(two, of_one_core("third", 2), placement=EVEN)
    used = await used_in_all(two)
    await two.client.apply(quota("limit", "default", cpu=str(used + 1)))

    held = await two.get("deployments", "third")
    held["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "2"
    await two.client.replace(held)

    async def is_told() -> bool:
        (events,) = await two.client.find("events")
        told = [
            e["message"]
            for e in (await two.client.list(events, "default"))["items"]
            if e["reason"] == "ApplyPolicyFailed"
        ]
        return any(f"requested sum {used + 2}, limit {used + 1}" in message for message in told)

    await until("the user is told", is_told)
    assert [cpus(web, cluster) for cluster in ("east", "west")] == ["1", "1"]

    await two.client.apply(quota("limit", "default", cpu=str(used + 2)))

    async def have_more() -> bool:
        return [cpus(web, cluster) for cluster in ("east", "west")] == ["2", "2"]

    await until("there is room", have_more)


async def used_in_all(two: Fleet) -> int:
    """Cores that the bindings of the namespace are charged for."""
    (bindings,) = await two.client.find("resourcebindings")
    specs = [b["spec"] for b in (await two.client.list(bindings, "default"))["items"]]
    return sum(
        int(spec["replicaRequirements"]["resourceRequest"]["cpu"]) * cluster["replicas"]
        for spec in specs
        for cluster in spec.get("clusters") or ()
    )


def cpus(web: Placed, cluster: str) -> str:
    """What a pod of it asks for there."""
    there = web.there(cluster)
    assert there is not None
    return str(there["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"])


async def enlarge(web: Placed) -> None:
    """A user who writes the binding goes through the same door."""
    binding = await web.binding()
    clusters = [{**c, "replicas": c["replicas"] + 1} for c in binding["spec"]["clusters"]]
    await web.fleet.client.replace({**binding, "spec": {**binding["spec"], "clusters": clusters}})
