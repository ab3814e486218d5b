"""Each scenario a user has sent us, as it was sent: through the hub to real kube-apiservers, doing what it says."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from flotilla_common.objects import Obj
from tests.fleet import until
from tests.kube.cluster import KubeCluster
from tests.kube.theatre import SCENARIOS, Theatre, deployment, theatre
from tests.kube.world import held

pytestmark = [pytest.mark.kube, pytest.mark.asyncio(loop_scope="module")]

DOCS = Path(__file__).parents[2] / "docs"
AKS = ("aks-cluster-1", "aks-cluster-2")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Theatre]:
    async with theatre(tmp_path_factory.mktemp("theatre")) as running:
        yield running


def of_file(scenario: str, name: str) -> list[Obj]:
    return list(yaml.safe_load_all((SCENARIOS / scenario / name).read_text()))


SPREAD = [
    pytest.param("nginx", "deployment", "nginx-deployment", "default", id="nginx"),
    pytest.param("gitops", "gitrepositories", "flux-repo", "default", id="gitops"),
    pytest.param("quota", "resourcequota", "default-quota", "default", id="quota"),
    pytest.param("monitoring", "deployment", "prometheus-deployment", "monitoring", id="monitoring"),
]


@pytest.mark.parametrize(("scenario", "kind", "name", "namespace"), SPREAD)
async def test_what_goes_to_two_clusters(stage: Theatre, scenario: str, kind: str, name: str, namespace: str) -> None:
    """monitoring: its policy names no namespace, and lands in the one it is applied to."""
    await stage.cast(*AKS)
    if namespace != "default":
        await stage.hub("create", "namespace", namespace)
    files = [path for path in sorted((SCENARIOS / scenario).iterdir()) if "registration" not in path.name]
    for path in files:
        await stage.hub("apply", "-n", namespace, "-f", str(path))
    there = await stage.arrives(kind, name, *AKS, namespace=namespace)
    (template,) = [o for path in files for o in of_file(scenario, path.name) if o["metadata"]["name"] == name]
    for found in there.values():
        assert {key: found["spec"].get(key) for key in _plain(template["spec"])} == _plain(template["spec"])
    for path in files:
        await stage.hub("delete", "-n", namespace, "-f", str(path))
    await stage.leaves(kind, name, namespace)


def _plain(spec: Obj) -> Obj:
    """The fields a server adds nothing to and writes as we do."""
    return {key: value for key, value in spec.items() if key != "template"}


async def test_nginx_a_cluster_is_registered_by_a_kubeconfig_secret(stage: Theatre, tmp_path: Path) -> None:
    """No namespace in its secretRef: the system's is meant. Its certificate is not checked, as it says."""
    await stage.cast()
    access = yaml.safe_load(stage.one.kubeconfig.read_text())
    access["clusters"][0]["cluster"].pop("certificate-authority-data")
    access["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = True
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(access))
    secret = ("create", "secret", "generic", "aks-kubeconfig", f"--from-file=kubeconfig={file}")
    await stage.hub(*secret, "--namespace", "karmada-system")
    written = (SCENARIOS / "nginx" / "cluster-registration.yaml").read_text()
    await stage.hub("apply", "-f", "-", stdin=re.sub("https://<[^>]+>", stage.one.url, written))
    await stage.fleet.settled("aks-cluster")
    policy = {**of_file("nginx", "policy.yaml")[0], "metadata": {"name": "registered"}}
    policy["spec"]["placement"] = {"clusterAffinity": {"clusterNames": ["aks-cluster"]}}
    await stage.give(policy, *of_file("nginx", "nginx.yaml"))
    await until("it is served", lambda: is_in(stage.one, "deployment", "nginx-deployment"))
    await stage.hub("delete", "deployment,pp", "--all")
    assert (await stage.flotilla("unjoin", "aks-cluster"))[0] == 0


async def is_in(member: KubeCluster, kind: str, name: str) -> bool:
    return await held(member, kind, name) is not None


async def test_payments_go_to_both_regions(stage: Theatre) -> None:
    await stage.cast("aks-us-cluster", "aks-eu-cluster")
    await stage.play("payments")
    await stage.give(deployment("payment-service"))
    await stage.arrives("deployment", "payment-service", "aks-us-cluster", "aks-eu-cluster")
    await clear(stage, "payments", "payment-service")


async def clear(stage: Theatre, scenario: str, workload: str) -> None:
    await stage.hub("delete", "deployment", workload)
    await stage.strike(scenario)
    await stage.leaves("deployment", workload)


async def test_the_gpu_workload_goes_where_the_gpus_are(stage: Theatre) -> None:
    await stage.cast("gpu-cluster", "other-cluster")
    await stage.play("gpu")
    await stage.give(deployment("gpu-workload"))
    await stage.arrives("deployment", "gpu-workload", "gpu-cluster")
    await clear(stage, "gpu", "gpu-workload")


async def test_the_workload_is_never_in_production(stage: Theatre) -> None:
    """clusterAntiAffinity: not at first, and not after the policy came late."""
    await stage.cast("prod-cluster", "dev-cluster")
    await stage.give(deployment("dev-only-workload"))
    await stage.play("no-prod")
    await stage.arrives("deployment", "dev-only-workload", "dev-cluster")
    code, told = await stage.flotilla("explain", "deploy/dev-only-workload")
    assert code == 0 and "the policy's clusterAntiAffinity matches it" in told
    await clear(stage, "no-prod", "dev-only-workload")


async def test_the_model_runs_in_the_cloud_and_at_the_edge(stage: Theatre) -> None:
    """The edge has an agent of its own, which is all that connects, and outward."""
    await stage.cast("cloud-cluster-1", "edge-cluster-1", pull="edge-cluster-1")
    await stage.play("edge")
    await stage.give(deployment("ml-model"))
    await stage.arrives("deployment", "ml-model", "cloud-cluster-1", "edge-cluster-1")
    modes = await stage.hub("get", "clusters", "-o", "custom-columns=N:.metadata.name,M:.spec.syncMode", "--no-headers")
    assert sorted(line.split() for line in modes.splitlines()) == [
        ["cloud-cluster-1", "Push"],
        ["edge-cluster-1", "Pull"],
    ]
    await clear(stage, "edge", "ml-model")


async def test_flux_helm_with_an_override_for_one_member(stage: Theatre) -> None:
    await stage.cast("member1", "member2")
    await stage.play("flux-helm")
    await stage.arrives("helmrepositories", "podinfo", "member1", "member2")

    async def overridden() -> bool:
        there = await stage.arrives("helmreleases", "podinfo", "member1", "member2")
        values = {name: release["spec"].get("values") for name, release in there.items()}
        return values == {"member1": {"replicaCount": 2}, "member2": None}

    await until("only member1 has the override", overridden)
    await stage.strike("flux-helm")
    await stage.leaves("helmreleases", "podinfo")


async def test_flux_kustomize(stage: Theatre) -> None:
    await stage.cast("member1", "member2")
    await stage.play("flux-kustomize")
    await stage.arrives("gitrepositories", "podinfo", "member1", "member2")
    there = await stage.arrives("kustomizations", "podinfo-dev", "member1", "member2")
    wanted = of_file("flux-kustomize", "podinfo.yaml")[1]["spec"]
    assert [found["spec"] for found in there.values()] == [wanted, wanted]
    await stage.strike("flux-kustomize")
    await stage.leaves("kustomizations", "podinfo-dev")


async def test_the_background_service_goes_to_the_cluster_with_the_most_room(stage: Theatre) -> None:
    """By the policy in docs/strategies.md: one has more CPU, the other more memory, and CPU is the scarcer."""
    (text,) = re.findall(r"```yaml\n(apiVersion[^`]*background-service[^`]*)```", (DOCS / "strategies.md").read_text())
    await stage.cast()
    for member, cpu, memory in ((stage.one, "2", "8Gi"), (stage.two, "8", "4Gi")):
        await give_node(member, cpu, memory)
    await stage.cast("small", "large")
    await until("both say what they have", lambda: knows_room(stage, "small", "large"))
    await stage.hub("apply", "-f", "-", stdin=text)
    await stage.play("background")
    await stage.arrives("deployment", "background-service", "large")
    await stage.hub("delete", "deployment,pp", "--all")
    await stage.leaves("deployment", "background-service")
    for member in (stage.one, stage.two):
        await member.kubectl("delete", "node", "node")


async def give_node(member: KubeCluster, cpu: str, memory: str) -> None:
    """A node that is ready, with so much room."""
    await member.kubectl("create", "-f", "-", stdin='{"apiVersion":"v1","kind":"Node","metadata":{"name":"node"}}')
    room = {"cpu": cpu, "memory": memory, "pods": "110"}
    ready = [{"type": "Ready", "status": "True"}]
    status = json.dumps({"status": {"allocatable": room, "capacity": room, "conditions": ready}})
    await member.kubectl("patch", "node", "node", "--subresource=status", "--type=merge", "-p", status)
    await member.kubectl("patch", "node", "node", "--type=json", "-p", '[{"op":"remove","path":"/spec/taints"}]')


async def knows_room(stage: Theatre, *names: str) -> bool:
    rooms = [(await stage.get("cluster", name))["status"].get("resourceSummary", {}) for name in names]
    return all((room.get("allocatable") or {}).get("cpu") for room in rooms)


async def test_a_canary_reaches_its_cluster_and_is_followed(stage: Theatre) -> None:
    """maxUnavailable 0 and maxSurge 1 of one cluster: one at a time."""
    await stage.cast(*AKS)
    await stage.play("canary")
    await stage.give(deployment("my-app"))
    await stage.arrives("deployment", "my-app", "aks-cluster-1")
    await stage.says("my-app-deployment", "Progressing", "RollingOut")
    await stage.runs(stage.one, "my-app")
    await stage.says("my-app-deployment", "Progressing", "RolloutComplete")

    await stage.give(deployment("my-app", "app:2"))
    waiting = await stage.says("my-app-deployment", "Progressing", "RollingOut")
    assert waiting.startswith("0 of 1 clusters updated, waiting for aks-cluster-1")
    await until("the new version is there", lambda: has_image(stage.one, "my-app", "app:2"))
    await stage.runs(stage.one, "my-app")
    code, said = await stage.flotilla("rollout", "status", "deploy/my-app", "--timeout", "30")
    assert (code, said.splitlines()[-1]) == (0, "deployment.apps/my-app: RolloutComplete: 1 of 1 clusters updated")

    assert (await stage.flotilla("rollout", "undo", "deploy/my-app"))[0] == 0
    await until("the old version is back", lambda: has_image(stage.one, "my-app", "app:1"))
    await clear(stage, "canary", "my-app")


async def has_image(member: KubeCluster, name: str, image: str) -> bool:
    found = await held(member, "deployment", name)
    return bool(found and found["spec"]["template"]["spec"]["containers"][0]["image"] == image)


async def test_failover_the_next_cluster_takes_over_when_the_first_dies(stage: Theatre) -> None:
    """The old copy is not taken away before the new one is healthy, and is when its cluster is back."""
    await stage.cast("primary-cluster", "secondary-cluster")
    await stage.play("failover")
    await stage.give(deployment("web-app"))
    await stage.arrives("deployment", "web-app", "primary-cluster")
    await stage.says("web-app-deployment", "Serving", "Preferred")

    await stage.one.kill_apiserver()
    message = await stage.says("web-app-deployment", "Serving", "FailedOver")
    assert message.startswith("secondary-cluster serves instead of primary-cluster: its Ready condition is False")
    await until("the next has it", lambda: is_in(stage.two, "deployment", "web-app"))
    await stage.one.start_apiserver()
    await stage.fleet.settled("primary-cluster")
    await stage.arrives("deployment", "web-app", "primary-cluster", "secondary-cluster")

    await stage.runs(stage.two, "web-app")
    await stage.arrives("deployment", "web-app", "secondary-cluster")
    await stage.hub("delete", "deployment", "web-app")
    await stage.strike("failover")
