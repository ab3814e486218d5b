"""RayCluster and RayJob (ray.io): a head, and groups of workers."""

from collections.abc import Mapping
from typing import Any

from ..conditions import is_true
from ..objects import Obj, namespace_of
from .base import Kind, at, conditions_of, health, spec_of, status_of
from .components import component, number_at
from .pod_template import requirements_of
from .references import references_of

__all__ = ["CLUSTER", "JOB"]


def _components(spec: Mapping[str, Any]) -> list[Obj]:
    head = component("ray-head", 1, requirements_of(at(spec, "headGroupSpec", "template") or {}))
    groups = spec.get("workerGroupSpecs") or ()
    return [head, *(_workers(group, i) for i, group in enumerate(groups))]


def _workers(group: Mapping[str, Any], place: int) -> Obj:
    name = str(group.get("groupName") or f"worker-{place}")
    return component(name, number_at(group, "replicas") or 0, requirements_of(group.get("template") or {}))


def _pods(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Of the head and of every group of workers."""
    groups = [spec.get("headGroupSpec") or {}, *(spec.get("workerGroupSpecs") or ())]
    return [at(group, "template", "spec") or {} for group in groups]


def _cluster_references(obj: Obj) -> list[Obj]:
    return references_of(namespace_of(obj), *_pods(spec_of(obj)))


def _job_references(obj: Obj) -> list[Obj]:
    submitter = at(obj, "spec", "submitterPodTemplate", "spec") or {}
    return references_of(namespace_of(obj), *_pods(spec_of(obj).get("rayClusterSpec") or {}), submitter)


def _cluster_health(obj: Obj) -> str:
    conditions = conditions_of(status_of(obj))
    is_up = is_true(conditions, "HeadPodReady") and is_true(conditions, "RayClusterProvisioned")
    return health(is_up and not is_true(conditions, "RayClusterReplicaFailure"))


def _job_health(obj: Obj) -> str:
    status = status_of(obj)
    deployed = status.get("jobDeploymentStatus")
    return health(deployed == "Running" or (deployed == "Complete" and status.get("jobStatus") == "SUCCEEDED"))


CLUSTER = Kind(
    components=lambda obj: _components(spec_of(obj)), health=_cluster_health, dependencies=_cluster_references
)
JOB = Kind(
    components=lambda obj: _components(spec_of(obj).get("rayClusterSpec") or {}),
    health=_job_health,
    dependencies=_job_references,
)
