"""What becomes of the objects a policy propagates: suspended, preserved, protected, taken over; one fleet for all."""

import json
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from flotilla_common.errors import FlotillaError
from flotilla_common.objects import Obj, annotations_of, labels_of, name_of
from tests.fleet import Fleet, fleet, until
from tests.manifests import config_map
from tests.placed import Placed, placed, policy_for, remove, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLUSTERS = ("east", "west")
PROTECTED = "resourcetemplate.karmada.io/deletion-protected"
SKIP = "namespace.karmada.io/skip-auto-propagation"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    """A hub and two Pull members. Each test has objects of its own name."""
    async with fleet(tmp_path_factory.mktemp("objects")) as running:
        for name in CLUSTERS:
            await running.join_pull(name)
        await running.settled(*CLUSTERS)
        yield running


async def holds(there: Placed, *clusters: str) -> None:
    async def is_there() -> bool:
        return [cluster for cluster in CLUSTERS if there.there(cluster)] == list(clusters)

    await until(f"{there.key} is in {clusters} and nowhere else", is_there)


async def test_dispatching_can_be_suspended_in_one_cluster(two: Fleet) -> None:
    web = await placed(two, config_map("held-in-one", {"v": "1"}))
    await two.client.apply(
        policy_for(web.template, *CLUSTERS, suspension={"dispatchingOnClusters": {"clusterNames": ["west"]}})
    )

    async def is_suspended() -> bool:
        return await dispatching(web, "west") == ("False", "SuspendDispatching")

    await until("the Work of one cluster is suspended", is_suspended)
    assert (await dispatching(web, "east"))[0] == "True"
    await web.change(v="2")
    await web.arrives("east", {"v": "2"})
    assert web.data("west") == {"v": "1"}

    await two.client.replace(
        {**await two.get("propagationpolicies", "held-in-one"), "spec": policy_for(web.template, *CLUSTERS)["spec"]}
    )
    await web.arrives("west", {"v": "2"})


async def dispatching(there: Placed, cluster: str) -> tuple[str, str]:
    """Status and reason of the condition of the Work."""
    works = await there.fleet.client.call(
        "GET", f"/apis/work.karmada.io/v1alpha1/namespaces/karmada-es-{cluster}/works"
    )
    (work,) = (w for w in works["items"] if w["spec"]["workload"]["manifests"][0]["metadata"]["name"] == there.name)
    (found,) = (c for c in work["status"]["conditions"] if c["type"] == "Dispatching")
    return found["status"], found["reason"]


async def test_a_queue_may_keep_a_binding_from_being_scheduled_whatever_the_policy_says(two: Fleet) -> None:
    web = await placed(two, config_map("queued", {"v": "1"}), "east")
    binding = await web.binding()
    await two.client.replace({**binding, "spec": {**binding["spec"], "suspension": {"scheduling": True}}})
    await two.client.apply(policy_for(web.template, "west", suspension={"dispatching": False}))

    async def is_told() -> bool:
        spec = (await web.binding())["spec"]
        named = spec["placement"]["clusterAffinity"]["clusterNames"] == ["west"]
        return named and bool(spec["suspension"] == {"scheduling": True, "dispatching": False})

    await until("the binding has the new placement, and is still suspended", is_told)
    await placed(two, config_map("probe-queued", {"v": "1"}))
    await holds(web, "east")


async def test_what_is_to_be_preserved_stays_without_our_marks(two: Fleet) -> None:
    there = config_map("preserved", {"v": "1"})
    there["metadata"]["labels"] = {"mine": "yes"}
    web = await placed(two, there, preserveResourcesOnDeletion=True)
    assert "karmada.io/managed" in labels_of(web.there("east") or {})
    await web.delete()
    await web.is_gone()
    for cluster in CLUSTERS:
        left = everything_in(two, cluster)["preserved"]
        assert (left["data"], labels_of(left), annotations_of(left)) == ({"v": "1"}, {"mine": "yes"}, {})


def everything_in(running: Fleet, cluster: str) -> dict[str, Obj]:
    """The ConfigMaps of the member, applied by us or not."""
    rows = running.members[cluster]._rows("SELECT name, body FROM objects WHERE kind = 'ConfigMap'")
    return {name: json.loads(body) for name, body in rows}


async def test_what_is_protected_is_deleted_by_nobody(two: Fleet) -> None:
    there = config_map("protected", {"v": "1"})
    there["metadata"]["labels"] = {PROTECTED: "Always"}
    web = await placed(two, there)
    message = f"This resource is protected, please make sure to remove the label: {PROTECTED}"
    with pytest.raises(FlotillaError, match=message):
        await web.delete()
    for what in ("configmaps", "configmaps?labelSelector=" + PROTECTED):
        with pytest.raises(FlotillaError, match=message):
            await two.client.call("DELETE", f"/api/v1/namespaces/default/{what}")
    held = await two.get("configmaps", "protected")
    await two.client.replace({**held, "metadata": {**held["metadata"], "labels": {PROTECTED: "Never"}}})
    await web.delete()
    await web.is_gone()


async def test_a_protected_binding_outlives_its_template(two: Fleet) -> None:
    web = await placed(two, config_map("bound", {"v": "1"}))
    binding = await web.binding()
    metadata = {**binding["metadata"], "labels": {**binding["metadata"]["labels"], PROTECTED: "Always"}}
    await two.client.replace({**binding, "metadata": metadata})
    await web.delete()
    await told(two, "DeletionProtected", "bound-configmap")
    await placed(two, config_map("probe-bound", {"v": "1"}))
    await holds(web, *CLUSTERS)

    binding = await web.binding()
    del binding["metadata"]["labels"][PROTECTED]
    await two.client.replace(binding)
    await web.is_gone()
    await holds(web)


async def test_a_namespace_with_something_protected_in_it_stays_in_every_member(two: Fleet) -> None:
    await two.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "vault"}})
    inside = config_map("secret", {"v": "1"}, "vault")
    inside["metadata"]["labels"] = {PROTECTED: "Always"}
    await two.client.create(inside)
    with pytest.raises(FlotillaError, match="vault/secret"):
        await remove(two, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "vault"}})
    await eventually(lambda: all("Namespace /vault" in two.members[c].objects() for c in CLUSTERS))


async def test_a_namespace_that_says_no_later_stays_where_it_is(two: Fleet) -> None:
    labelled = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "stops", "labels": {"a": "1"}}}
    await two.client.create(labelled)

    def label_in(cluster: str) -> str | None:
        found = two.members[cluster].objects().get("Namespace /stops")
        return labels_of(found or {}).get("a")

    await eventually(lambda: [label_in(c) for c in CLUSTERS] == ["1", "1"])
    await two.client.apply({**labelled, "metadata": {"name": "stops", "labels": {"a": "1", SKIP: "True"}}})
    await two.client.apply({**labelled, "metadata": {"name": "stops", "labels": {"a": "2", SKIP: "True"}}})
    await placed(two, config_map("probe-stops", {"v": "1"}))
    assert [label_in(c) for c in CLUSTERS] == ["1", "1"]
    await two.client.apply({**labelled, "metadata": {"name": "stops", "labels": {"a": "3", SKIP: "false"}}})
    await eventually(lambda: [label_in(c) for c in CLUSTERS] == ["3", "3"])


async def eventually(holds: Callable[[], bool]) -> None:
    async def check() -> bool:
        return holds()

    await until("it holds", check)


async def test_what_was_there_before_is_taken_over_only_when_the_policy_says_so(two: Fleet) -> None:
    """The preserved object of before is nobody's."""
    there = config_map("preserved-then", {"v": "1"})
    web = await placed(two, there, "east", preserveResourcesOnDeletion=True)
    await web.delete()
    await web.is_gone()
    await two.client.create(config_map(name_of(there), {"v": "2"}))

    async def is_refused() -> bool:
        return (await web.told()).get("east", (True, ""))[0] is False

    await until("it is refused", is_refused)
    assert everything_in(two, "east")[name_of(there)]["data"] == {"v": "1"}
    await two.client.apply(policy_for(there, "east", conflictResolution="Overwrite"))
    await web.arrives("east", {"v": "2"})
