"""The engine on a real kube-apiserver, which rewrites what it is given: no manifest may make the two write in circles."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import pytest_asyncio

from flotilla_agent.engine.engine import Engine
from flotilla_agent.journal import Journal
from flotilla_agent.settings import EngineSettings
from flotilla_agent.targets.kubernetes import KubernetesTarget
from flotilla_common.messages import WorkReport
from flotilla_common.objects import Obj, Ref, name_of, ref_of
from tests.eventually import eventually
from tests.kube.cluster import KubeCluster
from tests.works import config_map, custom_resource_definition, deployment, namespace, row, tombstone, work

pytestmark = [pytest.mark.kube, pytest.mark.asyncio(loop_scope="module")]


def obj(api_version: str, kind: str, name: str, **fields: Any) -> Obj:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, **fields}


def pod(**container: Any) -> Obj:
    return {
        "metadata": {"labels": {"app": "x"}},
        "spec": {"containers": [{"name": "c", "image": "c:1", **container}], "restartPolicy": "Always"},
    }


SELECTOR = {"matchLabels": {"app": "x"}}
REWRITTEN = [
    obj(
        "apps/v1",
        "Deployment",
        "quantities",
        spec={
            "selector": SELECTOR,
            "template": pod(resources={"requests": {"cpu": "1000m", "memory": "1024Mi"}, "limits": {"cpu": 2}}),
        },
    ),
    obj("apps/v1", "StatefulSet", "set", spec={"serviceName": "s", "selector": SELECTOR, "template": pod()}),
    obj("apps/v1", "DaemonSet", "daemons", spec={"selector": SELECTOR, "template": pod(env=[{"name": "A"}])}),
    obj("v1", "Service", "service", spec={"selector": {"app": "x"}, "ports": [{"port": 80}]}),
    obj("v1", "Secret", "secret", stringData={"password": "p"}),
    obj("v1", "ServiceAccount", "account"),
    obj("v1", "PersistentVolumeClaim", "claim", spec=_claim)
    if (_claim := {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1024Mi"}}})
    else {},
    obj(
        "batch/v1",
        "Job",
        "job",
        spec={"template": {**pod(), "spec": {**pod()["spec"], "restartPolicy": "Never"}}},
    ),
    obj(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "scaler",
        spec={"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
    ),
    obj(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        "wall",
        spec={"podSelector": {}, "policyTypes": ["Ingress"], "ingress": []},
    ),
    {**custom_resource_definition(), "status": {"storedVersions": []}},
    deployment(namespace="shop"),
]


class Counting(KubernetesTarget):
    """Remembers what was applied, in order."""

    applied: list[str]

    async def apply(self, obj: Obj, *, force: bool) -> Obj:
        self.applied.append(name_of(obj))
        return await super().apply(obj, force=force)


class Agent:
    def __init__(self, cluster: KubeCluster, target: Counting, journal: Journal) -> None:
        self.cluster = cluster
        self.target = target
        self.journal = journal
        self.reports: dict[str, WorkReport] = {}
        self.revision = 0
        self.engine = self._engine()

    def _engine(self) -> Engine:
        return Engine(self.target, self.journal, lambda report: self.reports.update({report.work: report}), EngineSettings())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.engine = self._engine()
        task = asyncio.create_task(self.engine.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def give(self, *messages: Any, until: Callable[[WorkReport], object] = lambda r: r.applied) -> None:
        self.revision += 1
        self.engine.offer(self.journal.put_works([row(m, self.revision) for m in messages]))
        for message in messages:
            name = message.name
            await eventually(lambda name=name: name in self.reports and until(self.reports[name]))

    async def live(self, ref: Ref) -> Obj:
        return await self.target.get(ref) or {}

    async def patch(self, kind: str, name: str, change: Obj) -> None:
        await self.cluster.kubectl("patch", kind, name, "--namespace=shop", "--type=merge", f"--patch={json.dumps(change)}")
