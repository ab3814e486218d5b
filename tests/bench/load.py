"""What benchmarks write: a Deployment of 1.2 KB, the policy that sends all of them to both members, and a crowd."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from flotilla_common.objects import Obj
from tests.manifests import policy

__all__ = [
    "DEPLOYMENTS",
    "FIRST",
    "NAMESPACE",
    "STRAIGHT",
    "STRATEGIC_MERGE",
    "deployment",
    "everywhere",
    "image_of",
    "in_crowd",
]

NAMESPACE = "default"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
"""The same path on the hub and on a member."""
STRATEGIC_MERGE = "application/strategic-merge-patch+json"
FIRST = "registry.example/team/service:1.0"
STRAIGHT = "straight"
"""Begins the names of what is written to members past any hub."""
_CROWD = 32
"""Writers at once: enough to keep any API server busy."""

T = TypeVar("T")


def deployment(name: str, image: str = FIRST) -> Obj:
    """One container with the usual trimmings. No controller runs in the real members, so it never becomes pods."""
    labels = {"app.kubernetes.io/name": name}
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10}
    container = {
        "name": "main",
        "image": image,
        "ports": [{"containerPort": 8080, "name": "http"}],
        "env": [{"name": f"SETTING_{n}", "value": f"value-of-setting-{n}"} for n in range(8)],
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "200m", "memory": "128Mi"}},
        "livenessProbe": probe,
        "readinessProbe": probe,
        "volumeMounts": [{"name": "scratch", "mountPath": "/scratch"}],
    }
    pod = {"containers": [container], "volumes": [{"name": "scratch", "emptyDir": {}}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"suite": "bench"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def image_of(manifest: Obj) -> str:
    return str(manifest["spec"]["template"]["spec"]["containers"][0]["image"])


def everywhere(*members: str) -> Obj:
    """The policy, there before any load: what is measured is the way of an object, not of a policy."""
    return policy("everywhere", *members)


async def in_crowd(write: Callable[[T], Awaitable[object]], items: Iterable[T]) -> None:
    """Write them all, so many at a time."""
    left = iter(items)

    async def writer() -> None:
        for item in left:
            await write(item)

    async with asyncio.TaskGroup() as crowd:
        for _ in range(_CROWD):
            crowd.create_task(writer())
