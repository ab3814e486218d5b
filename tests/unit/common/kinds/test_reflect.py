"""What of a live object's status travels to the hub."""

from typing import Any

import pytest

from flotilla_common.kinds import reflect
from flotilla_common.objects import copy_of
from tests.unit.common.kinds.samples import condition, made

FRESH = {"generation": 4, "resourceTemplateGeneration": 2}
READY = [condition("Ready", reason="ReconciliationSucceeded")]
LB = {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}

ROWS = [
    pytest.param(
        "apps/v1 Deployment",
        {"replicas": 2, "readyReplicas": 0, "observedGeneration": 4, "conditions": READY, "collisionCount": 1},
        {"replicas": 2, "observedGeneration": 4, **FRESH},
        id="deployment-counters-and-generations",
    ),
    pytest.param("apps/v1 Deployment", {}, FRESH, id="a-workload-without-status-still-tells-its-generation"),
    pytest.param(
        "apps/v1 StatefulSet",
        {"replicas": 1, "currentRevision": "a", "observedGeneration": 4},
        {"replicas": 1, "observedGeneration": 4, **FRESH},
        id="statefulset-with-its-observed-generation",
    ),
    pytest.param(
        "apps/v1 DaemonSet",
        {"numberReady": 3, "observedGeneration": 4},
        {"numberReady": 3, "observedGeneration": 4, **FRESH},
        id="daemonset",
    ),
    pytest.param(
        "batch/v1 Job",
        {"active": 1, "uncountedTerminatedPods": {}, "startTime": "t"},
        {"active": 1, "startTime": "t"},
        id="job",
    ),
    pytest.param("networking.k8s.io/v1 Ingress", LB, LB, id="ingress"),
    pytest.param(
        "policy/v1 PodDisruptionBudget",
        {"currentHealthy": 2, "observedGeneration": 4, "disruptedPods": {"p": "t"}},
        {"currentHealthy": 2, "disruptedPods": {"p": "t"}},
        id="budget",
    ),
    pytest.param(
        "autoscaling/v2 HorizontalPodAutoscaler",
        {"currentReplicas": 2, "desiredReplicas": 3, "currentMetrics": []},
        {"currentReplicas": 2, "desiredReplicas": 3},
        id="autoscaler",
    ),
    pytest.param(
        "helm.toolkit.fluxcd.io/v2beta1 HelmRelease",
        {
            "conditions": READY,
            "observedGeneration": 4,
            "lastAppliedRevision": "6.0",
            "storageNamespace": "x",
            "failures": 0,
        },
        {"conditions": READY, "observedGeneration": 4, "lastAppliedRevision": "6.0", "failures": 0, **FRESH},
        id="helm-release",
    ),
    pytest.param(
        "source.toolkit.fluxcd.io/v1beta2 HelmChart",
        {"observedGeneration": 4, "observedChartName": "podinfo"},
        {"observedGeneration": 4, "observedChartName": "podinfo", **FRESH},
        id="helm-chart-with-its-observed-generation",
    ),
    pytest.param("v1 Pod", {"phase": "Running"}, {"phase": "Running"}, id="others-whole"),
    pytest.param(
        "example.org/v1 Thing",
        {"observedGeneration": 4, "url": "u"},
        {"observedGeneration": 4, "url": "u", **FRESH},
        id="a-resource-that-observes",
    ),
    pytest.param("example.org/v1 Thing", {"url": "u"}, {"url": "u"}, id="a-resource-that-does-not"),
    pytest.param("v1 ConfigMap", {}, None, id="nothing-to-tell"),
]


@pytest.mark.parametrize(("kind", "status", "reflected"), ROWS)
def test_reflects(kind: str, status: dict[str, Any], reflected: dict[str, Any] | None) -> None:
    api_version, _, name = kind.partition(" ")
    live = made(api_version, name, generation=4, of=2, status=status)
    before = copy_of(live)
    assert reflect(live) == reflected
    assert live == before


def test_a_balanced_service_tells_its_addresses() -> None:
    assert reflect(made("v1", "Service", spec={"type": "LoadBalancer"}, status=LB)) == LB


def test_another_service_has_nothing_to_tell() -> None:
    assert reflect(made("v1", "Service", spec={"type": "ClusterIP"}, status={"loadBalancer": {}})) is None


@pytest.mark.parametrize("text", [None, "", "soon", "-1"])
def test_without_a_template_generation_the_field_is_left_out(text: str | None) -> None:
    annotations = {} if text is None else {"resourcetemplate.karmada.io/generation": text}
    live = made("apps/v1", "Deployment", metadata={"annotations": annotations})
    assert reflect({**live, "metadata": {**live["metadata"], "annotations": annotations}}) == {"generation": 1}
