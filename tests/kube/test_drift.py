"""What the agent does when somebody else writes in a member: hand edits, deletions, objects that are not ours."""

import json
from typing import Any

import pytest

from tests.fleet import until
from tests.kube.world import World, held, in_both

pytestmark = [pytest.mark.kube, pytest.mark.asyncio(loop_scope="module")]

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
