"""What the simulated cluster does beyond the port: controllers at play, a life longer than its agent's, facts."""

from pathlib import Path
from typing import Any

import pytest

from flotilla_agent.targets.apis import BUNDLES
from flotilla_agent.targets.memory import MemoryTarget
from flotilla_agent.targets.memory_settings import MemorySettings
from flotilla_common.kinds import health_of
from flotilla_common.objects import Obj, ref_of
from tests.eventually import eventually
from tests.works import config_map, custom_resource_definition, deployment, managed, namespace

AT_ONCE = MemorySettings(settle=0, apis=BUNDLES["flux"])


def obj(api_version: str, kind: str, **spec: Any) -> Obj:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "x", "namespace": "default"},
        "spec": spec,
    }


WORKLOADS = [
    deployment(),
    obj("apps/v1", "StatefulSet", replicas=2),
    obj("apps/v1", "DaemonSet"),
    obj("apps/v1", "ReplicaSet", replicas=2),
    obj("v1", "Pod", containers=[{"name": "c"}]),
    obj("v1", "Service", type="LoadBalancer"),
    obj("v1", "PersistentVolumeClaim", accessModes=["ReadWriteOnce"]),
    obj("networking.k8s.io/v1", "Ingress"),
    obj("helm.toolkit.fluxcd.io/v2", "HelmRelease", chart={"spec": {"version": "6.5.4"}}),
    obj("kustomize.toolkit.fluxcd.io/v1", "Kustomization"),
    obj("source.toolkit.fluxcd.io/v1", "HelmRepository"),
    obj("source.toolkit.fluxcd.io/v1", "GitRepository"),
]


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: str(w["kind"]))
async def test_every_workload_gets_healthy(workload: Obj) -> None:
    target = MemoryTarget(AT_ONCE)

    assert health_of(await target.apply(workload, force=False)) == "Healthy"
    await target.close()


async def test_a_job_completes() -> None:
    target = MemoryTarget(AT_ONCE)

    job = await target.apply(obj("batch/v1", "Job", completions=3), force=False)

    assert job["status"]["succeeded"] == 3
    assert [c["type"] for c in job["status"]["conditions"]] == ["SuccessCriteriaMet", "Complete"]
    await target.close()


async def test_getting_ready_takes_a_moment() -> None:
    target = MemoryTarget(MemorySettings(settle=0.01))

    applied = await target.apply(deployment(), force=False)

    assert "status" not in applied
    await eventually(lambda: health_of(target.find(ref_of(applied)) or {}) == "Healthy")
    await target.close()


async def test_a_cluster_outlives_its_agent_workloads_and_counts_included(tmp_path: Path) -> None:
    settings = MemorySettings(state=str(tmp_path / "new" / "cluster.db"), settle=0.01)
    killed = MemoryTarget(settings)
    await killed.apply(custom_resource_definition(), force=False)
    applied = await killed.apply(managed(deployment()), force=False)

    target = MemoryTarget(settings)

    assert target.writes == killed.writes
    await target.apply(obj("example.test/v1", "Widget"), force=False)
    await eventually(lambda: health_of(target.find(ref_of(applied)) or {}) == "Healthy")
    again = await target.apply(managed(deployment()), force=True)
    assert again["metadata"]["uid"] == applied["metadata"]["uid"]
    assert sorted(target.writes.values()) == [1, 1, 1]
    await target.close()
    await killed.close()


async def test_what_lives_in_a_namespace_goes_with_it() -> None:
    target = MemoryTarget(AT_ONCE)
    await target.apply(namespace("shop"), force=False)
    mine = await target.apply(config_map(namespace="shop"), force=False)

    await target.delete(ref_of(namespace("shop")))

    assert target.find(ref_of(mine)) is None
    await target.close()


async def test_a_kind_goes_with_its_definition() -> None:
    target = MemoryTarget(AT_ONCE)
    await target.apply(custom_resource_definition(), force=False)
    mine = await target.apply(obj("example.test/v1", "Widget"), force=False)

    await target.delete(ref_of(custom_resource_definition()))

    assert target.find(ref_of(mine)) is None
    await target.close()


async def test_facts_count_what_workloads_ask_for() -> None:
    target = MemoryTarget(MemorySettings(settle=0, nodes=2, version="v1.30.1"))
    workload = deployment(replicas=3)
    workload["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "250m"}}
    await target.apply(workload, force=False)

    status = (await target.facts()).status

    assert (status["kubernetesVersion"], status["nodeSummary"]) == ("v1.30.1", {"totalNum": 2, "readyNum": 2})
    modelings = status["resourceSummary"].pop("allocatableModelings")
    assert [m["grade"] for m in modelings for _ in range(m["count"])] == [3, 3]
    assert status["resourceSummary"] == {
        "allocatable": {"cpu": "16", "memory": "64Gi", "pods": "220"},
        "allocating": {},
        "allocated": {"cpu": "750m", "pods": "3"},
    }
    await target.close()
