"""The Helm scenario on real clusters: kubectl to the hub, through NATS, to two kube-apiservers, and back again."""

import json
from pathlib import Path
from typing import Any

import pytest

from flotilla_common.objects import Obj
from tests.fleet import until
from tests.kube.tools import ensure
from tests.kube.world import World, held, in_both, in_neither

pytestmark = [pytest.mark.kube, pytest.mark.asyncio(loop_scope="module")]

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"
FLUX = EXAMPLES / "flux-helm"
HELM_RELEASE = "helmreleases.helm.toolkit.fluxcd.io"
HELM_REPOSITORY = "helmrepositories.source.toolkit.fluxcd.io"
HEALTHY_TWICE = {"member1": "Healthy", "member2": "Healthy"}


async def served(world: World) -> None:
    """Both members report the Flux kinds, which their agents learn after the CRDs have arrived."""

    async def known() -> bool:
        clusters = json.loads(await world.hub("get", "clusters", "-o", "json"))["items"]
        kinds = [{r["kind"] for e in c["status"].get("apiEnablements", ()) for r in e["resources"]} for c in clusters]
        return all({"HelmRelease", "HelmRepository"} <= k for k in kinds)

    await until("both members report the Flux kinds", known)


def without_bookkeeping(obj: Obj) -> Obj:
    """What the user wrote: spec, and the names by which it goes."""
    return {"kind": obj["kind"], "name": obj["metadata"]["name"], "spec": obj["spec"]}


async def test_the_helm_scenario_converges_field_by_field(world: World) -> None:
    """Templates, policies and then the override; status comes back; deletion removes everything."""
    await world.hub("apply", "-f", str(FLUX / "crds.yaml"))
    await world.hub("apply", "-f", str(FLUX / "crd-policy.yaml"))
    await served(world)
    await world.hub("apply", "-f", str(FLUX / "policy.yaml"))
    await world.hub("apply", "-f", str(FLUX / "podinfo.yaml"))

    repositories = await in_both(world, HELM_REPOSITORY, "podinfo")
    releases = await in_both(world, HELM_RELEASE, "podinfo")
    wanted_repository = {
        "kind": "HelmRepository",
        "name": "podinfo",
        "spec": {"interval": "1m", "url": "https://stefanprodan.github.io/podinfo"},
    }
    chart = {"chart": "podinfo", "version": "5.0.3", "sourceRef": {"kind": "HelmRepository", "name": "podinfo"}}
    wanted_release = {
        "kind": "HelmRelease",
        "name": "podinfo",
        "spec": {"interval": "5m", "chart": {"spec": chart}},
    }
    assert {name: without_bookkeeping(o) for name, o in repositories.items()} == dict.fromkeys(
        ("member1", "member2"), wanted_repository
    )
    assert {name: without_bookkeeping(o) for name, o in releases.items()} == dict.fromkeys(
        ("member1", "member2"), wanted_release
    )
    for name, release in releases.items():
        marks = release["metadata"]
        assert marks["labels"]["karmada.io/managed"] == "true"
        assert marks["annotations"]["work.karmada.io/namespace"] == f"karmada-es-{name}"

    await world.hub("apply", "-f", str(FLUX / "override.yaml"))

    async def overridden() -> bool:
        release = await held(world.member1, HELM_RELEASE, "podinfo")
        return bool(release and release["spec"].get("values") == {"replicaCount": 2})

    await until("the override is in member1", overridden)
    other = await held(world.member2, HELM_RELEASE, "podinfo")
    assert other is not None
    assert "values" not in other["spec"]

    await status_returns(world)
    await world.hub("delete", "-f", str(FLUX / "podinfo.yaml"))
    await in_neither(world, HELM_RELEASE, "podinfo")
    await in_neither(world, HELM_REPOSITORY, "podinfo")
    works = json.loads(await world.hub("get", "works", "-A", "-o", "json"))["items"]
    assert not [w for w in works if "podinfo" in w["metadata"]["name"]]


async def status_returns(world: World) -> None:
    """What a controller in each member writes shows on the hub's binding and template."""
    for cluster in (world.member1, world.member2):
        ready = {"type": "Ready", "status": "True", "reason": "ReconciliationSucceeded", "message": "done"}
        status = {"observedGeneration": 1, "conditions": [{**ready, "lastTransitionTime": "2024-01-01T00:00:00Z"}]}
        await cluster.kubectl(
            "patch",
            HELM_RELEASE,
            "podinfo",
            "--subresource=status",
            "--type=merge",
            "-p",
            json.dumps({"status": status}),
        )

    async def aggregated() -> Any:
        binding = json.loads(await world.hub("get", "rb", "podinfo-helmrelease", "-o", "json"))
        items = {i["clusterName"]: i for i in binding["status"].get("aggregatedStatus", ())}
        return items if {n: i.get("health") for n, i in items.items()} == HEALTHY_TWICE else None

    items = await until("the binding shows both as healthy", aggregated)
    assert all(i["applied"] and i["status"]["conditions"][0]["message"] == "done" for i in items.values())

    async def on_template() -> bool:
        release = json.loads(await world.hub("get", HELM_RELEASE, "podinfo", "-o", "json"))
        return any(c["type"] == "Ready" for c in release.get("status", {}).get("conditions", ()))

    await until("the template shows a Ready condition", on_template)


async def test_a_namespace_and_what_lives_in_it_arrive_and_go(world: World) -> None:
    await world.hub("create", "namespace", "shop")
    template = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "flags", "namespace": "shop"}}
    policy = {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "PropagationPolicy",
        "metadata": {"name": "flags", "namespace": "shop"},
        "spec": {"resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap"}]},
    }
    await world.hub("apply", "-f", "-", stdin=json.dumps({**template, "data": {"a": "b"}}))
    await world.hub("apply", "-f", "-", stdin=json.dumps(policy))

    async def there() -> bool:
        found = [await held(c, "configmap", "flags", "shop") for c in (world.member1, world.member2)]
        return all(found)

    await until("the ConfigMap is in the new namespace of both", there)
    await world.hub("delete", "namespace", "shop", "--wait=false")

    async def gone() -> bool:
        return await held(world.member2, "namespace", "shop", "") is None

    await until("the namespace is gone from the member whose controllers finalise it", gone)


async def test_the_oldest_kubectl_works_on_the_hub_too(world: World) -> None:
    oldest = ensure().kubectl_oldest
    assert oldest is not None, "no kubectl 1.20: see the message of tests.kube.tools"

    out = await world.member1.kubectl("get", "clusters", program=oldest, kubeconfig=world.fleet.kubeconfig)

    assert out.split("\n")[0].split() == ["NAME", "VERSION", "MODE", "READY", "AGE"]
