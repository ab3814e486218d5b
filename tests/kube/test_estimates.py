"""What is free on each node of a real cluster, as its agent counts it: nodes, taints and pods by the server's word."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from flotilla_agent.estimate.room import max_replicas
from flotilla_agent.settings import KubernetesSettings
from flotilla_agent.targets.kubernetes import KubernetesTarget
from flotilla_common.objects import Obj
from tests.kube.cluster import KubeCluster

pytestmark = pytest.mark.kube

NODE = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "large", "labels": {"size": "large"}},
    "status": {"allocatable": {"cpu": "8", "memory": "32Gi", "pods": "110"}},
}
ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web"},
    "spec": {
        "nodeName": "large",
        "containers": [{"name": "main", "image": "example.test/web:1", "resources": {"requests": {"cpu": "3"}}}],
    },
}
# The API server taints a node that nobody has called ready.
NEW = {"tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists"}]}


@asynccontextmanager
async def opened(cluster: KubeCluster) -> AsyncIterator[KubernetesTarget]:
    target = await KubernetesTarget.open(str(cluster.kubeconfig), KubernetesSettings(max_delay=0.5))
    yield target
    await target.close()


async def fitting(target: KubernetesTarget, claim: Obj) -> int | None:
    book = await target.rooms(10)
    return book and max_replicas(book.nodes(), {"resourceRequest": {"cpu": "1"}, "nodeClaim": claim})


async def comes_to(target: KubernetesTarget, wanted: int) -> None:
    async with asyncio.timeout(20):
        while await fitting(target, NEW) != wanted:  # noqa: ASYNC110 - it comes by a watch, which rings no bell
            await asyncio.sleep(0.02)


async def test_room_follows_the_nodes_and_pods_of_a_real_cluster() -> None:
    async with KubeCluster("estimates") as cluster, opened(cluster) as target:
        assert await fitting(target, {}) == 0
        await cluster.kubectl("create", "--raw=/api/v1/nodes", "-f", "-", stdin=json.dumps(NODE))
        await comes_to(target, 8)
        assert await fitting(target, {}) == 0
        assert await fitting(target, {**NEW, "nodeSelector": {"size": "small"}}) == 0

        await cluster.kubectl("apply", "-f", "-", stdin=json.dumps(ACCOUNT))
        await cluster.kubectl("apply", "-f", "-", stdin=json.dumps(POD))
        await comes_to(target, 5)
        await cluster.kubectl("delete", "pod", "web", "--force", "--grace-period=0")
        await comes_to(target, 8)
