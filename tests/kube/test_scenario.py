"""The Helm scenario on real clusters: kubectl to the hub, through NATS, to two kube-apiservers, and all the way back.

`member1` is a Push cluster, joined by the command line; `member2` a Pull cluster with an agent of its own.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from flotilla_common.objects import Obj
from tests.fleet import FLOTILLA, Fleet, fleet, until
from tests.kube.cluster import ClusterFailed, KubeCluster
from tests.kube.tools import ensure

pytestmark = [pytest.mark.kube, pytest.mark.asyncio(loop_scope="module")]

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"
FLUX = EXAMPLES / "flux-helm"
HELM_RELEASE = "helmreleases.helm.toolkit.fluxcd.io"
HELM_REPOSITORY = "helmrepositories.source.toolkit.fluxcd.io"


@dataclass(frozen=True)
class World:
    fleet: Fleet
    member1: KubeCluster
    member2: KubeCluster

    async def hub(self, *args: str, stdin: str = "") -> str:
        """kubectl against the hub."""
        return await self.member1.kubectl(*args, stdin=stdin, kubeconfig=self.fleet.kubeconfig)

    async def flotilla(self, *args: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *FLOTILLA, *args, "--kubeconfig", str(self.fleet.kubeconfig), stdout=-1, stderr=-1
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()


@asynccontextmanager
async def world_in(directory: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        # Namespaces go away and workloads get observed only where controllers run; one such member is enough.
        member1 = await stack.enter_async_context(KubeCluster("member1"))
        member2 = await stack.enter_async_context(KubeCluster("member2", controllers=True))
        running = await stack.enter_async_context(fleet(directory, remote=True))
        world = World(running, member1, member2)
        await world.flotilla("join", "member1", "--cluster-kubeconfig", str(member1.kubeconfig))
        await running.join_pull("member2", target="kubernetes", kubeconfig=member2.kubeconfig)
        await running.settled("member1", "member2")
        yield world


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with world_in(tmp_path_factory.mktemp("world")) as running:
        yield running


async def held(cluster: KubeCluster, kind: str, name: str, namespace: str = "default") -> Obj | None:
    """The object in a member, None when it is not there."""
    try:
        found: Obj = json.loads(await cluster.kubectl("get", kind, name, "-n", namespace, "-o", "json"))
    except ClusterFailed as err:
        assert "NotFound" in str(err) or "not found" in str(err), err
        return None
    return found


async def in_both(world: World, kind: str, name: str) -> dict[str, Obj]:
    async def arrived() -> dict[str, Obj] | None:
        found = {c.name: await held(c, kind, name) for c in (world.member1, world.member2)}
        return {k: v for k, v in found.items() if v} if all(found.values()) else None

    both: dict[str, Obj] = await until(f"{kind} {name} is in both members", arrived)
    return both


async def in_neither(world: World, kind: str, name: str) -> None:
    async def gone() -> bool:
        return not any([await held(c, kind, name) for c in (world.member1, world.member2)])

    await until(f"{kind} {name} is in no member", gone)


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


HEALTHY_TWICE = {"member1": "Healthy", "member2": "Healthy"}

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: main
        image: nginx:1.25
        resources: {requests: {cpu: "0.5", memory: 64Mi}}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: web}
spec:
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment, name: web}]
  placement: {clusterAffinity: {clusterNames: [member1, member2]}}
"""


async def test_a_hand_edit_in_a_member_is_repaired(world: World) -> None:
    await world.hub("apply", "-f", "-", stdin=DEPLOYMENT)
    await in_both(world, "deployment", "web")

    for cluster in (world.member1, world.member2):
        await cluster.kubectl("patch", "deployment", "web", "-p", '{"spec":{"replicas":7}}')

    async def repaired() -> bool:
        found = [await held(c, "deployment", "web") for c in (world.member1, world.member2)]
        return all(d and d["spec"]["replicas"] == 2 for d in found)

    await until("both members are back at two replicas", repaired)


async def test_an_object_deleted_in_a_member_comes_back(world: World) -> None:
    await world.hub("apply", "-f", "-", stdin=DEPLOYMENT)
    before = await in_both(world, "deployment", "web")

    await world.member1.kubectl("delete", "deployment", "web")

    async def back() -> bool:
        found = await held(world.member1, "deployment", "web")
        return bool(found and found["metadata"]["uid"] != before["member1"]["metadata"]["uid"])

    await until("the Deployment is back in member1", back)


async def test_a_settled_object_is_not_written_again(world: World) -> None:
    """Quantities and defaults the server rewrites are no drift: the resourceVersion stands still."""
    await world.hub("apply", "-f", "-", stdin=DEPLOYMENT)
    await in_both(world, "deployment", "web")
    before = await held(world.member1, "deployment", "web")

    await world.hub(
        "apply",
        "-f",
        "-",
        stdin=DEPLOYMENT.replace("name: web, n", "name: web2, n")
        .replace("name: web}\nspec:\n  res", "name: web2}\nspec:\n  res")
        .replace("name: web}]", "name: web2}]"),
    )
    await in_both(world, "deployment", "web2")

    after = await held(world.member1, "deployment", "web")
    assert before is not None
    assert after is not None
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]


async def test_an_object_the_user_made_by_hand_is_left_alone(world: World) -> None:
    """It is neither overwritten nor deleted, and the hub says why."""
    mine = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "data": {"who": "me"}}
    await world.member2.kubectl("apply", "-f", "-", stdin=json.dumps(mine))
    template = {**mine, "data": {"who": "flotilla"}}
    policy = {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "PropagationPolicy",
        "metadata": {"name": "mine"},
        "spec": {
            "resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "mine"}],
            "placement": {"clusterAffinity": {"clusterNames": ["member1", "member2"]}},
        },
    }
    await world.hub("apply", "-f", "-", stdin=json.dumps(template))
    await world.hub("apply", "-f", "-", stdin=json.dumps(policy))

    async def refused() -> Any:
        binding = json.loads(await world.hub("get", "rb", "mine-configmap", "-o", "json"))
        items = {i["clusterName"]: i for i in binding["status"].get("aggregatedStatus", ())}
        return items if len(items) == 2 and not items["member2"].get("applied") else None

    items = await until("the hub shows the refusal", refused)
    assert items["member1"]["applied"]
    assert "conflict" in items["member2"]["appliedMessage"].lower()

    await world.hub("delete", "configmap", "mine")

    async def gone() -> bool:
        return await held(world.member1, "configmap", "mine") is None

    await until("the template's copy is gone from member1", gone)
    kept = await held(world.member2, "configmap", "mine")
    assert kept is not None
    assert kept["data"] == {"who": "me"}
    assert "karmada.io/managed" not in kept["metadata"].get("labels", {})


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
