"""kubectl, the current one and the oldest we promise, against the hub's API: what a user types and reads."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.api import served_api
from tests.kube.kubectl import Kubectl
from tests.kube.manifests import CLUSTER, DEFINITION, DEPLOYMENT, POLICY, WIDGET
from tests.kube.tools import Tools, ensure

pytestmark = pytest.mark.kube


def _current(tools: Tools) -> Path | None:
    return tools.kubectl


def _oldest(tools: Tools) -> Path | None:
    return tools.kubectl_oldest


Choice = Callable[[Tools], Path | None]
EACH = pytest.mark.parametrize("choice", [pytest.param(_current, id="current"), pytest.param(_oldest, id="oldest")])


@asynccontextmanager
async def kubectl_of(choice: Choice, tmp_path: Path) -> AsyncIterator[Kubectl]:
    program = choice(await asyncio.to_thread(ensure))
    if program is None:
        pytest.skip("this machine cannot have the oldest kubectl")
    async with served_api(tmp_path) as kubeconfig:
        yield Kubectl(program, kubeconfig, tmp_path / "cache")


@EACH
async def test_apply_creates_then_changes_nothing_then_configures(choice: Choice, tmp_path: Path) -> None:
    async with kubectl_of(choice, tmp_path) as kubectl:
        said = [
            (await kubectl.ok("apply -f -", stdin=manifest)).out.strip()
            for manifest in (DEPLOYMENT, DEPLOYMENT, DEPLOYMENT.replace("1.25", "1.26"))
        ]
        verbs = ("created", "unchanged", "configured")
        assert said == [f"deployment.apps/nginx {verb}" for verb in verbs]
        images = await kubectl.ok("get deploy nginx -o jsonpath={.spec.template.spec.containers[*].image}")
        assert images.out == "nginx:1.26 side:1"


@EACH
async def test_get_prints_the_kinds_columns_in_every_form(choice: Choice, tmp_path: Path) -> None:
    async with kubectl_of(choice, tmp_path) as kubectl:
        await kubectl.ok("apply -f -", stdin=DEPLOYMENT)
        plain = (await kubectl.ok("get deploy")).lines
        wide = (await kubectl.ok("get deploy -o wide")).lines
        assert plain[0] == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
        assert plain[1][:4] == ["nginx", "0/2", "0", "0"]
        assert (wide[0][5:], wide[1][5:]) == (
            ["CONTAINERS", "IMAGES", "SELECTOR"],
            ["nginx,side", "nginx:1.25,side:1", "app=nginx"],
        )
        assert (await kubectl.ok("get deploy -o name")).out == "deployment.apps/nginx\n"
        assert json.loads((await kubectl.ok("get deploy -o json")).out)["items"][0]["metadata"]["name"] == "nginx"
        assert "containerPort: 80" in (await kubectl.ok("get deploy nginx -o yaml")).out
        assert (await kubectl.ok("get all -l app=nginx -A")).lines[1][:2] == ["default", "deployment.apps/nginx"]


@EACH
async def test_get_watch_prints_a_line_for_every_change(choice: Choice, tmp_path: Path) -> None:
    async with kubectl_of(choice, tmp_path) as kubectl:
        await kubectl.ok("apply -f -", stdin=DEPLOYMENT)
        watching = await kubectl.start("get deploy -w")
        assert watching.stdout is not None
        async with asyncio.timeout(30):
            first = [(await watching.stdout.readline()).decode().split()[:2] for _ in range(2)]
            await kubectl.ok("scale deploy nginx --replicas=5")
            changed = (await watching.stdout.readline()).decode().split()[:2]
        watching.kill()
        await watching.communicate()
        assert [*first, changed] == [["NAME", "READY"], ["nginx", "0/2"], ["nginx", "0/5"]]


@EACH
async def test_an_object_can_be_changed_in_every_way(choice: Choice, tmp_path: Path) -> None:
    async with kubectl_of(choice, tmp_path) as kubectl:
        await kubectl.ok("apply -f -", stdin=DEPLOYMENT)
        await kubectl.ok("label deploy nginx tier=front")
        await kubectl.ok("annotate deploy nginx note=this")
        await kubectl.ok("scale deploy nginx --replicas=4")
        await kubectl.ok("set image deploy nginx nginx=nginx:2")
        strategic = '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"side:2"}]}}}}'
        await kubectl.ok("patch deploy nginx -p", strategic)
        await kubectl.ok("patch deploy nginx --type=merge -p", '{"spec":{"paused":true}}')
        await kubectl.ok("patch deploy nginx --type=json -p", '[{"op":"add","path":"/spec/minReadySeconds","value":7}]')
        await kubectl.ok("edit deploy nginx", env={"EDITOR": "sed -i s/side:2/side:3/"})
        held = json.loads((await kubectl.ok("get deploy nginx -o json")).out)
        spec = held["spec"]
        images = [c["image"] for c in spec["template"]["spec"]["containers"]]
        assert (spec["replicas"], spec["paused"], spec["minReadySeconds"], images) == (
            4,
            True,
            7,
            ["nginx:2", "side:3"],
        )
        assert (held["metadata"]["labels"]["tier"], held["metadata"]["annotations"]["note"]) == ("front", "this")


@EACH
async def test_describe_and_delete(choice: Choice, tmp_path: Path) -> None:
    async with kubectl_of(choice, tmp_path) as kubectl:
        await kubectl.ok("apply -f -", stdin=DEPLOYMENT)
        assert "2 desired" in (await kubectl.ok("describe deploy nginx")).out
        await kubectl.ok("delete deploy nginx")
        gone = await kubectl("get deploy nginx")
        assert (gone.code, gone.err) == (1, 'Error from server (NotFound): deployments.apps "nginx" not found\n')


@EACH
async def test_generators_create_namespaces_and_what_goes_in_them(choice: Choice, tmp_path: Path) -> None:
    async with kubectl_of(choice, tmp_path) as kubectl:
        await kubectl.ok("create ns shop")
        await kubectl.ok("create configmap cm --from-literal=a=b -n shop")
        await kubectl.ok("create secret generic s --from-literal=a=b -n shop")
        await kubectl.ok("create deployment web --image=nginx -n shop")
        await kubectl.ok("create service clusterip web --tcp=80 -n shop")
        missing = await kubectl("create configmap cm -n nope")
        names = (await kubectl.ok("get cm,secret,deploy,svc -n shop -o name")).out.split()
        assert names == ["configmap/cm", "secret/s", "deployment.apps/web", "service/web"]
        assert (missing.code, 'namespaces "nope" not found' in missing.err) == (1, True)


BAD = [
    pytest.param(DEPLOYMENT.replace("replicas: 2", "replicas: -2"), "spec.replicas", id="negative-replicas"),
    pytest.param(DEPLOYMENT.replace("replicas: 2", "replcas: 2"), "replcas", id="a-misspelt-field"),
    pytest.param(DEPLOYMENT.replace("matchLabels: {app: nginx}", "matchLabels: {app: x}"), "labels", id="no-match"),
    pytest.param(POLICY.replace("placement:", "placment:"), "placment", id="a-misspelt-policy"),
    pytest.param(POLICY.replace("[member1]", "member1"), "spec.placement.clusterAffinity.clusterNames", id="no-list"),
]


@EACH
@pytest.mark.parametrize(("manifest", "field"), BAD)
async def test_bad_input_is_refused_by_field_and_stores_nothing(
    choice: Choice, tmp_path: Path, manifest: str, field: str
) -> None:
    async with kubectl_of(choice, tmp_path) as kubectl:
        refused = await kubectl("apply -f -", stdin=manifest)
        held = await kubectl.ok("get deploy,pp -o name")
        assert (refused.code, field in refused.err, held.out) == (1, True, ""), refused.err


@EACH
async def test_a_definition_brings_a_kind_that_works_like_any_other(choice: Choice, tmp_path: Path) -> None:
    async with kubectl_of(choice, tmp_path) as kubectl:
        await kubectl.ok("apply -f -", stdin=DEFINITION)
        await kubectl.ok("wait --for=condition=established crd/widgets.example.com --timeout=10s")
        said = [(await kubectl.ok("apply -f -", stdin=WIDGET)).out.split()[-1] for _ in range(2)]
        assert said == ["created", "unchanged"]
        assert (await kubectl.ok("get wd")).lines == [["NAME", "SIZE"], ["it", "3"]]
        assert (await kubectl.ok("get toys -o wide")).lines == [["NAME", "SIZE", "COLOR"], ["it", "3", "red"]]
        assert "How big." in (await kubectl.ok("explain widget.spec")).out
        await kubectl.ok("scale wd it --replicas=6")
        refused = await kubectl("patch wd it --type=merge -p", '{"spec":{"color":"green"}}')
        assert (refused.code, "spec.color" in refused.err) == (1, True)
        await kubectl.ok("delete crd widgets.example.com")
        assert (await kubectl("get wd")).code == 1


@EACH
async def test_diff_and_dry_run_show_and_store_nothing(choice: Choice, tmp_path: Path) -> None:
    async with kubectl_of(choice, tmp_path) as kubectl:
        await kubectl.ok("apply -f -", stdin=DEPLOYMENT)
        newer = DEPLOYMENT.replace("1.25", "1.26")
        same, differs = await kubectl("diff -f -", stdin=DEPLOYMENT), await kubectl("diff -f -", stdin=newer)
        dry = await kubectl.ok("apply --dry-run=server -f -", stdin=newer)
        assert (same.code, differs.code, "+      - image: nginx:1.26" in differs.out) == (0, 1, True)
        assert dry.out == "deployment.apps/nginx configured (server dry run)\n"
        assert "1.25" in (await kubectl.ok("get deploy nginx -o yaml")).out


@EACH
async def test_discovery_is_understood(choice: Choice, tmp_path: Path) -> None:
    async with kubectl_of(choice, tmp_path) as kubectl:
        rows = {line[0]: line for line in (await kubectl.ok("api-resources")).lines}
        assert rows["propagationpolicies"][1:2] == ["pp"]
        assert rows["clusters"][-1] == "Cluster"
        assert "policy.karmada.io/v1alpha1" in (await kubectl.ok("api-versions")).out
        assert (await kubectl.ok("auth can-i create deployments")).out == "yes\n"
        assert "clusterAffinity" in (await kubectl.ok("explain pp.spec.placement")).out
        await kubectl.ok("apply -f -", stdin=POLICY)
        await kubectl.ok("apply -f -", stdin=CLUSTER)
        assert (await kubectl.ok("get karmada-io")).lines[0] == ["NAME", "CONFLICT-RESOLUTION", "PRIORITY", "AGE"]


QUOTA = """
apiVersion: policy.karmada.io/v1alpha1
kind: FederatedResourceQuota
metadata: {name: team, namespace: default}
spec:
  overall: {cpu: 10, memory: 8Gi}
  staticAssignments: [{clusterName: member1, hard: {cpu: 4}}]
"""
REBALANCER = """
apiVersion: apps.karmada.io/v1alpha1
kind: WorkloadRebalancer
metadata: {name: anew}
spec:
  workloads: [{apiVersion: apps/v1, kind: Deployment, namespace: default, name: nginx}]
"""


@EACH
async def test_quotas_and_rebalancers_are_applied_printed_and_explained(choice: Choice, tmp_path: Path) -> None:
    async with kubectl_of(choice, tmp_path) as kubectl:
        for manifest, name in ((QUOTA, "federatedresourcequota.policy"), (REBALANCER, "workloadrebalancer.apps")):
            said = [(await kubectl.ok("apply -f -", stdin=manifest)).lines[0] for _ in range(2)]
            assert [line[1] for line in said] == ["created", "unchanged"]
            assert said[0][0].startswith(f"{name}.karmada.io/")
        assert (await kubectl.ok("get federatedresourcequotas")).lines == [
            ["NAME", "OVERALL", "OVERALL_USED"],
            ["team"],
        ]
        assert (await kubectl.ok("get workloadrebalancers")).lines[0] == ["NAME", "AGE"]
        assert "staticAssignments" in (await kubectl.ok("explain federatedresourcequotas.spec")).out
        wrong = QUOTA.replace("cpu: 10", "cpu: 3")
        refused = await kubectl("apply -f -", stdin=wrong)
        assert "is less than what is assigned to clusters" in refused.err
