"""What a template refers to follows it into the members, and out of them again."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from flotilla_common.objects import Obj, labels_of, name_of
from tests.fleet import Fleet, fleet, until
from tests.manifests import config_map, deployment
from tests.placed import Placed, policy_for, remove, told
from tests.works import custom_resource_definition

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLUSTERS = ("east", "west")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    """A hub and two Pull members. Each test has objects of its own name."""
    async with fleet(tmp_path_factory.mktemp("dependencies")) as running:
        for name in CLUSTERS:
            await running.join_pull(name)
        await running.settled(*CLUSTERS)
        yield running


def reading(name: str, *config_maps: str) -> Obj:
    """A Deployment whose pod takes its environment from these ConfigMaps."""
    manifest = deployment(name)
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    container["envFrom"] = [{"configMapRef": {"name": each}} for each in config_maps]
    return manifest


def there(running: Fleet, name: str) -> list[str]:
    """The members that hold the ConfigMap."""
    return [cluster for cluster in CLUSTERS if f"ConfigMap default/{name}" in running.members[cluster].objects()]


async def arrives(running: Fleet, name: str, *clusters: str) -> None:
    async def is_there() -> bool:
        return there(running, name) == list(clusters)

    await until(f"ConfigMap {name} is in {clusters} and nowhere else", is_there)


async def followed(running: Fleet, template: Obj, *clusters: str, **spec: Any) -> Placed:
    await running.client.apply(policy_for(template, *clusters, propagateDeps=True, **spec))
    await running.client.apply(template)
    return Placed(running, template)


async def binding_of(running: Fleet, config_map: str) -> Obj:
    return await running.get("resourcebindings", f"{config_map}-configmap")


async def test_it_follows_the_template_wherever_that_goes(two: Fleet) -> None:
    await two.client.create(config_map("conf", {"v": "1"}))
    web = await followed(two, reading("web", "conf"), "east")
    await arrives(two, "conf", "east")
    assert not labels_of(await two.get("configmaps", "conf")), "it is not claimed"

    await told(two, "GetDependenciesSucceed", "web")
    await told(two, "SyncScheduleResultToDependenciesSucceed", "web-deployment")

    await followed(two, web.template, "east", "west")
    await arrives(two, "conf", "east", "west")

    await followed(two, web.template, "west")
    await arrives(two, "conf", "west")


async def test_it_is_kept_up_to_date(two: Fleet) -> None:
    await two.client.create(config_map("live", {"v": "1"}))
    await followed(two, reading("follower", "live"), *CLUSTERS)
    await arrives(two, "live", *CLUSTERS)
    live = Placed(two, config_map("live", {}))
    await live.change(v="2")
    for cluster in CLUSTERS:
        await live.arrives(cluster, {"v": "2"})


async def test_it_is_followed_when_it_comes_later(two: Fleet) -> None:
    web = await followed(two, reading("early", "late"), "west")
    await web.settled()
    await two.client.create(config_map("late", {"v": "1"}))
    await arrives(two, "late", "west")
    await remove(two, config_map("late", {}))
    await arrives(two, "late")
    await two.client.create(config_map("late", {"v": "2"}))
    await arrives(two, "late", "west")


async def test_it_goes_when_nobody_refers_to_it_any_more(two: Fleet) -> None:
    for name in ("shared", "own"):
        await two.client.create(config_map(name, {"v": "1"}))
    await followed(two, reading("a", "shared"), "east")
    second = await followed(two, reading("b", "shared", "own"), "west")
    await arrives(two, "shared", "east", "west")
    await arrives(two, "own", "west")

    await two.client.apply(reading("b", "own"))
    await arrives(two, "shared", "east")
    await second.delete()
    await arrives(two, "own")
    binding = await binding_of(two, "own")
    assert not binding["spec"].get("requiredBy"), "the binding stays, and nobody requires it"


async def test_it_goes_when_its_policy_no_longer_asks_for_it(two: Fleet) -> None:
    await two.client.create(config_map("optional", {"v": "1"}))
    web = await followed(two, reading("asks", "optional"), "east")
    await arrives(two, "optional", "east")
    await two.client.apply(policy_for(web.template, "east", propagateDeps=False))
    await arrives(two, "optional")
    assert web.there("east")


async def test_it_has_its_own_clusters_beside_those_where_it_is_needed(two: Fleet) -> None:
    own = config_map("both", {"v": "1"})
    await two.client.create(policy_for(own, "east"))
    await two.client.create(own)
    await arrives(two, "both", "east")
    web = await followed(two, reading("needs-both", "both"), "west")
    await arrives(two, "both", "east", "west")
    await web.delete()
    await arrives(two, "both", "east")


async def test_a_deleted_policy_leaves_what_it_took_along_where_it_is(two: Fleet) -> None:
    await two.client.create(config_map("left", {"v": "1"}))
    web = await followed(two, reading("leaves", "left"), *CLUSTERS)
    await arrives(two, "left", *CLUSTERS)
    await remove(two, policy_for(web.template))

    async def is_released() -> bool:
        return not [key for key in labels_of(await web.binding()) if key.startswith("propagationpolicy")]

    await until("the binding is nobody's", is_released)
    await Placed(two, config_map("left", {})).change(v="2")
    for cluster in CLUSTERS:
        await Placed(two, config_map("left", {})).arrives(cluster, {"v": "2"})


async def test_a_service_import_takes_its_service_and_whatever_endpoints_there_are_along(two: Fleet) -> None:
    definition = custom_resource_definition("multicluster.x-k8s.io", "ServiceImport")
    wide = {
        **policy_for(definition, *CLUSTERS),
        "kind": "ClusterPropagationPolicy",
        "metadata": {"name": "definitions"},
    }
    for manifest in (wide, definition):
        await two.client.create(manifest)
    metadata = {"name": "shop", "namespace": "default"}
    template = {"apiVersion": "multicluster.x-k8s.io/v1", "kind": "ServiceImport", "metadata": metadata, "spec": {}}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "derived-shop", "namespace": "default"}}
    await two.client.create({**service, "spec": {"ports": [{"port": 80}]}})
    await two.client.create(endpoints("first", "derived-shop"))
    await two.client.create(endpoints("others", "derived-other"))
    await until("the kind is served", partial(is_applied, two, template))
    await followed(two, template, *CLUSTERS)

    async def holds(*slices: str) -> bool:
        wanted = {"Service default/derived-shop", *(f"EndpointSlice default/{name}" for name in slices)}
        kinds = ("Service", "EndpointSlice")
        return all({key for kind in kinds for key in two.members[c].objects(kind)} == wanted for c in CLUSTERS)

    await until("its service and its endpoints are there", lambda: holds("first"))
    await two.client.create(endpoints("second", "derived-shop"))
    await until("endpoints that come later are too", lambda: holds("first", "second"))
    await two.client.apply(endpoints("second", "derived-other"))
    await until("those that are another's no longer", lambda: holds("first"))


async def is_applied(running: Fleet, manifest: Obj) -> bool:
    return bool(await running.client.apply(manifest))


def endpoints(name: str, service: str) -> Obj:
    labels = {"kubernetes.io/service-name": service}
    metadata = {"name": name, "namespace": "default", "labels": labels}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": metadata,
        "addressType": "IPv4",
        "endpoints": [],
    }


async def test_policies_that_disagree_are_told_of(two: Fleet) -> None:
    await two.client.create(config_map("torn", {"v": "1"}))
    await followed(two, reading("aborts", "torn"), "east")
    await followed(two, reading("overwrites", "torn"), "west", conflictResolution="Overwrite")
    await arrives(two, "torn", "east", "west")
    assert (await binding_of(two, "torn"))["spec"]["conflictResolution"] == "Overwrite"
    await told(two, "DependencyPolicyConflict", "torn-configmap")


async def test_a_hub_that_restarts_takes_nothing_away(two: Fleet) -> None:
    await two.client.create(config_map("durable", {"v": "1"}))
    web = await followed(two, reading("restarted", "durable"), *CLUSTERS)
    await arrives(two, "durable", *CLUSTERS)
    before = await binding_of(two, "durable")
    writes = [member.writes()["ConfigMap default/durable"] for member in two.members.values()]
    await two.hub.stop()
    await two.hub.start()
    await two.ready()

    await two.client.create(config_map("after", {"v": "1"}))
    await two.client.apply(reading(name_of(web.template), "durable", "after"))
    await arrives(two, "after", *CLUSTERS)
    assert (await binding_of(two, "durable"))["spec"] == before["spec"]
    assert [member.writes()["ConfigMap default/durable"] for member in two.members.values()] == writes


async def test_it_leaves_when_the_template_went_while_no_hub_ran(two: Fleet) -> None:
    await two.client.create(config_map("widowed", {"v": "1"}))
    web = await followed(two, reading("gone", "widowed"), "east")
    await arrives(two, "widowed", "east")
    await web.delete()
    await two.hub.kill()
    await two.hub.start()
    await two.ready()
    await arrives(two, "widowed")
