"""What policies ask for beyond placement, with kubectl against the hub and two real members."""

import pytest

from flotilla_common.objects import Obj, annotations_of, labels_of
from tests.fleet import until
from tests.kube.cluster import ClusterFailed
from tests.kube.world import World, held, in_both, in_neither

pytestmark = [pytest.mark.kube, pytest.mark.asyncio(loop_scope="module")]

SHOP = """
apiVersion: v1
kind: ConfigMap
metadata: {name: shop-settings}
data: {colour: blue}
---
apiVersion: v1
kind: Secret
metadata: {name: shop-key}
stringData: {key: s3cret}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      serviceAccountName: shop
      containers:
      - name: main
        image: nginx:1.25
        envFrom: [{configMapRef: {name: shop-settings}}, {secretRef: {name: not-there}}]
      volumes: [{name: key, secret: {secretName: shop-key}}]
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: shop}
spec:
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment, name: shop}]
  placement: {clusterAffinity: {clusterNames: [member1, member2]}}
  propagateDeps: true
"""
REFERRED = (("configmap", "shop-settings"), ("secret", "shop-key"), ("serviceaccount", "shop"))

KEPT = """
apiVersion: v1
kind: ConfigMap
metadata: {name: kept, labels: {mine: "yes"}}
data: {v: "1"}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: kept}
spec:
  resourceSelectors: [{apiVersion: v1, kind: ConfigMap, name: kept}]
  placement: {clusterAffinity: {clusterNames: [member1, member2]}}
  preserveResourcesOnDeletion: true
"""


async def test_what_a_deployment_refers_to_comes_changes_and_goes_with_it(world: World) -> None:
    await world.hub("apply", "-f", "-", stdin=SHOP)
    for kind, name in (*REFERRED, ("deployment", "shop")):
        await in_both(world, kind, name)
    assert "It takes along" in await world.flotilla("explain", "deploy/shop")

    await world.hub("patch", "configmap", "shop-settings", "-p", '{"data":{"colour":"red"}}')

    async def is_red() -> bool:
        found = await in_both(world, "configmap", "shop-settings")
        return all(each["data"] == {"colour": "red"} for each in found.values())

    await until("the change is in both members", is_red)
    described = await world.hub("describe", "deployment", "shop")
    assert "Apply policy(default/shop) succeed" in described

    await world.hub("delete", "deployment", "shop")
    for kind, name in (("deployment", "shop"), *REFERRED):
        await in_neither(world, kind, name)
    for kind, name in REFERRED:
        assert await world.hub("get", kind, name), "on the hub it stays"


async def test_what_is_preserved_carries_no_mark_of_ours_any_more(world: World) -> None:
    await world.hub("apply", "-f", "-", stdin=KEPT)
    before = await in_both(world, "configmap", "kept")
    await world.hub("delete", "configmap", "kept")

    async def is_let_go() -> bool:
        return all(
            labels_of(found) == {"mine": "yes"} for found in (await in_both(world, "configmap", "kept")).values()
        )

    await until("nobody manages it", is_let_go)
    for name, found in (await in_both(world, "configmap", "kept")).items():
        assert not [key for key in annotations_of(found) if "karmada.io" in key]
        assert _identity(found) == _identity(before[name])


def _identity(obj: Obj) -> tuple[str, Obj]:
    return obj["metadata"]["uid"], obj["data"]


async def test_kubectl_is_refused_what_is_protected(world: World) -> None:
    await world.hub("create", "configmap", "vital")
    await world.hub("label", "configmap", "vital", "resourcetemplate.karmada.io/deletion-protected=Always")
    for words in (["configmap", "vital"], ["configmap", "--all"]):
        with pytest.raises(ClusterFailed, match="This resource is protected, please make sure to remove the label"):
            await world.hub("delete", *words)
    await world.hub("label", "configmap", "vital", "resourcetemplate.karmada.io/deletion-protected-")
    await world.hub("delete", "configmap", "vital")
    assert await held(world.member1, "configmap", "vital") is None
