"""Whether a live object is well, by its kind."""

from typing import Any

import pytest

from flotilla_common.kinds import health_of
from tests.unit.common.kinds.samples import condition, made

OK, BAD, DUNNO = "Healthy", "Unhealthy", "Unknown"


def rolled(updated: int = 2, available: int = 2, observed: int = 1) -> dict[str, Any]:
    return {"observedGeneration": observed, "updatedReplicas": updated, "availableReplicas": available}


def nodes(desired: int, updated: int, available: int) -> dict[str, Any]:
    counters = {"desiredNumberScheduled": desired, "updatedNumberScheduled": updated, "numberAvailable": available}
    return {"observedGeneration": 1, **counters}


def balanced(**entry: str) -> dict[str, Any]:
    return {"loadBalancer": {"ingress": [entry] if entry else []}}


TWO = {"replicas": 2}
BALANCED = {"type": "LoadBalancer"}
NATIVE = [
    pytest.param("apps/v1 Deployment", TWO, rolled(), OK, id="deployment-rolled-out"),
    pytest.param("apps/v1 Deployment", TWO, rolled(observed=0), BAD, id="deployment-not-yet-seen"),
    pytest.param("apps/v1 Deployment", TWO, rolled(updated=1), BAD, id="deployment-half-updated"),
    pytest.param("apps/v1 Deployment", TWO, rolled(available=1), BAD, id="deployment-half-available"),
    pytest.param("apps/v1 Deployment", {"replicas": 0}, {"observedGeneration": 1}, OK, id="deployment-of-none"),
    pytest.param("apps/v1 Deployment", {}, rolled(1, 1), OK, id="deployment-of-one-by-default"),
    pytest.param("apps/v1 Deployment", TWO, {}, BAD, id="deployment-without-status"),
    pytest.param("apps/v1 StatefulSet", TWO, rolled(), OK, id="statefulset-rolled-out"),
    pytest.param("apps/v1 StatefulSet", TWO, rolled(updated=1), BAD, id="statefulset-half-updated"),
    pytest.param("apps/v1 ReplicaSet", TWO, rolled(updated=0), OK, id="replicaset-counts-only-available"),
    pytest.param("apps/v1 ReplicaSet", TWO, rolled(available=1), BAD, id="replicaset-half-available"),
    pytest.param("apps/v1 DaemonSet", {}, nodes(3, 3, 3), OK, id="daemonset-everywhere"),
    pytest.param("apps/v1 DaemonSet", {}, nodes(3, 2, 2), BAD, id="daemonset-half-updated"),
    pytest.param("apps/v1 DaemonSet", {}, nodes(3, 3, 2), BAD, id="daemonset-half-available"),
    pytest.param("v1 Service", {}, {}, OK, id="service-is-just-there"),
    pytest.param("v1 Service", BALANCED, balanced(), BAD, id="balanced-service-without-address"),
    pytest.param("v1 Service", BALANCED, balanced(ip="1.2.3.4"), OK, id="balanced-service-with-ip"),
    pytest.param("v1 Service", BALANCED, balanced(hostname="lb"), OK, id="balanced-service-with-hostname"),
    pytest.param("networking.k8s.io/v1 Ingress", {}, balanced(), BAD, id="ingress-without-address"),
    pytest.param("networking.k8s.io/v1 Ingress", {}, balanced(ip="1.2.3.4"), OK, id="ingress-with-address"),
    pytest.param("v1 PersistentVolumeClaim", {}, {"phase": "Bound"}, OK, id="claim-bound"),
    pytest.param("v1 PersistentVolumeClaim", {}, {"phase": "Pending"}, BAD, id="claim-pending"),
    pytest.param("v1 Pod", {}, {"phase": "Succeeded"}, OK, id="pod-done"),
    pytest.param("v1 Pod", {}, {"phase": "Running", "conditions": [condition("Ready")]}, OK, id="pod-ready"),
    pytest.param(
        "v1 Pod", {}, {"phase": "Running", "conditions": [condition("Ready", "False")]}, BAD, id="pod-not-ready"
    ),
    pytest.param("v1 Pod", {}, {"phase": "Pending"}, BAD, id="pod-pending"),
    pytest.param("policy/v1 PodDisruptionBudget", {}, {"currentHealthy": 2, "desiredHealthy": 2}, OK, id="budget-kept"),
    pytest.param(
        "policy/v1 PodDisruptionBudget", {}, {"currentHealthy": 1, "desiredHealthy": 2}, BAD, id="budget-broken"
    ),
    pytest.param("batch/v1 Job", {}, {"failed": 3}, OK, id="upstream-has-no-rule-for-jobs"),
    pytest.param("v1 ConfigMap", {}, None, OK, id="nothing-to-judge"),
    pytest.param("apps/v1 Deployment", TWO, {"observedGeneration": 1, "updatedReplicas": "x"}, DUNNO, id="nonsense"),
]


def flux(kind: str, reason: str, status: str, health: str, id_: str) -> Any:
    return pytest.param(kind, {}, {"conditions": [condition("Ready", status, reason)]}, health, id=id_)


FLUX = [
    flux("helm.toolkit.fluxcd.io/v2beta1 HelmRelease", "ReconciliationSucceeded", "True", OK, "release-reconciled"),
    flux("helm.toolkit.fluxcd.io/v2beta1 HelmRelease", "Progressing", "True", BAD, "release-ready-for-another-reason"),
    flux("helm.toolkit.fluxcd.io/v2 HelmRelease", "UpgradeSucceeded", "True", OK, "release-of-a-newer-flux"),
    flux("helm.toolkit.fluxcd.io/v2beta1 HelmRelease", "InstallFailed", "False", BAD, "release-failed"),
    flux("kustomize.toolkit.fluxcd.io/v1beta2 Kustomization", "ReconciliationSucceeded", "True", OK, "kustomization"),
    flux("source.toolkit.fluxcd.io/v1beta2 HelmRepository", "Succeeded", "True", OK, "helm-repository"),
    flux("source.toolkit.fluxcd.io/v1 GitRepository", "GitOperationFailed", "False", BAD, "git-repository-failed"),
    flux("source.toolkit.fluxcd.io/v1beta2 HelmChart", "ChartPullSucceeded", "True", OK, "chart-pulled"),
    flux("source.toolkit.fluxcd.io/v1beta2 Bucket", "ChartPullSucceeded", "True", BAD, "a-bucket-pulls-no-chart"),
    pytest.param("source.toolkit.fluxcd.io/v1beta2 OCIRepository", {}, {}, BAD, id="not-reconciled-yet"),
]

THING = "example.org/v1 Thing"
GENERIC = [
    pytest.param(THING, {}, None, OK, id="no-status"),
    pytest.param(THING, {}, {"phase": "Broken"}, OK, id="no-conditions"),
    pytest.param(THING, {}, {"conditions": [condition("Synced", "False")]}, OK, id="no-condition-we-know"),
    pytest.param(THING, {}, {"conditions": [condition("Ready")]}, OK, id="ready"),
    pytest.param(THING, {}, {"conditions": [condition("Ready", "False")]}, BAD, id="not-ready"),
    pytest.param(THING, {}, {"conditions": [condition("Ready", "Unknown")]}, DUNNO, id="it-does-not-know-itself"),
    pytest.param(THING, {}, {"conditions": [condition("Available")]}, OK, id="available-will-do"),
    pytest.param(
        THING, {}, {"conditions": [condition("Available"), condition("Ready", "False")]}, BAD, id="ready-counts-first"
    ),
    pytest.param(
        THING, {}, {"observedGeneration": 0, "conditions": [condition("Ready")]}, BAD, id="ready-but-outdated"
    ),
    pytest.param(THING, {}, {"conditions": [condition("Ready", observedGeneration=0)]}, BAD, id="condition-outdated"),
    pytest.param(THING, {}, {"conditions": {"ready": True}}, OK, id="its-conditions-are-something-else"),
    pytest.param(THING, {}, "Bound", DUNNO, id="its-status-is-a-word"),
]


FLINK, SPARK = "flink.apache.org/v1beta1 FlinkDeployment", "sparkoperator.k8s.io/v1beta2 SparkApplication"
UP = [condition("HeadPodReady"), condition("RayClusterProvisioned")]
SEVERAL = [
    pytest.param("batch.volcano.sh/v1alpha1 Job", {}, {"state": {"phase": "Running"}}, OK, id="volcano-runs"),
    pytest.param("batch.volcano.sh/v1alpha1 Job", {}, {"state": {"phase": "Failed"}}, BAD, id="volcano-failed"),
    pytest.param("batch.volcano.sh/v1alpha1 Job", {}, {}, BAD, id="volcano-without-a-phase"),
    pytest.param(FLINK, {}, {"jobStatus": {"state": "RUNNING"}}, OK, id="flink-runs"),
    pytest.param(FLINK, {}, {"jobStatus": {"state": "FAILED"}}, OK, id="flink-failed-by-itself"),
    pytest.param(FLINK, {}, {"jobStatus": {"state": "CREATED"}}, BAD, id="flink-not-started"),
    pytest.param(
        FLINK, {}, {"jobStatus": {"state": "CREATED"}, "error": "x ErrImagePull y"}, OK, id="flink-that-cannot-start"
    ),
    pytest.param(
        FLINK, {}, {"jobManagerDeploymentStatus": "READY", "lifecycleState": "STABLE"}, OK, id="flink-session"
    ),
    pytest.param(FLINK, {}, {"jobManagerDeploymentStatus": "DEPLOYING"}, BAD, id="flink-session-on-its-way"),
    pytest.param(SPARK, {}, {"applicationState": {"state": "COMPLETED"}}, OK, id="spark-done"),
    pytest.param(SPARK, {}, {"applicationState": {"state": "FAILED"}}, BAD, id="spark-failed"),
    pytest.param(SPARK, {}, {}, BAD, id="spark-without-a-state"),
    pytest.param("kubeflow.org/v1 PyTorchJob", {}, {"conditions": [condition("Running")]}, OK, id="pytorch-runs"),
    pytest.param("kubeflow.org/v1 TFJob", {}, {"conditions": [condition("Failed")]}, BAD, id="tensorflow-failed"),
    pytest.param("kubeflow.org/v2beta1 MPIJob", {}, {}, BAD, id="mpi-says-nothing"),
    pytest.param("ray.io/v1 RayCluster", {}, {"conditions": UP}, OK, id="ray-is-up"),
    pytest.param(
        "ray.io/v1 RayCluster",
        {},
        {"conditions": [*UP, condition("RayClusterReplicaFailure")]},
        BAD,
        id="ray-lacks-one",
    ),
    pytest.param("ray.io/v1 RayJob", {}, {"jobDeploymentStatus": "Running"}, OK, id="ray-job-runs"),
    pytest.param(
        "ray.io/v1 RayJob", {}, {"jobDeploymentStatus": "Complete", "jobStatus": "FAILED"}, BAD, id="ray-job-failed"
    ),
]


@pytest.mark.parametrize(("kind", "spec", "status", "health"), [*NATIVE, *SEVERAL, *FLUX, *GENERIC])
def test_judges(kind: str, spec: dict[str, Any], status: Any, health: str) -> None:
    api_version, _, name = kind.partition(" ")
    body = {} if status is None else {"status": status}
    assert health_of(made(api_version, name, spec=spec, **body)) == health
