"""How many pods a template asks for, what each needs, and setting another number."""

from typing import Any

import pytest

from flotilla_common.errors import Invalid
from flotilla_common.kinds import replicas_of, revise
from flotilla_common.objects import copy_of
from tests.unit.common.kinds.samples import made

COUNTS = [
    pytest.param("apps/v1", "Deployment", {"replicas": 3}, 3, id="deployment"),
    pytest.param("apps/v1", "Deployment", {}, 1, id="absent-is-what-an-apiserver-fills-in"),
    pytest.param("apps/v1", "Deployment", {"replicas": 0}, 0, id="zero-is-zero"),
    pytest.param("apps/v1", "ReplicaSet", {"replicas": 2}, 2, id="replicaset"),
    pytest.param("apps/v1", "StatefulSet", {"replicas": 2}, 2, id="statefulset"),
    pytest.param("apps/v1", "DaemonSet", {}, 0, id="a-daemonset-has-nothing-to-divide"),
    pytest.param("batch/v1", "Job", {"parallelism": 5}, 5, id="job-by-parallelism"),
    pytest.param("batch/v1", "Job", {"parallelism": 5, "completions": 2}, 2, id="job-no-more-than-completions"),
    pytest.param("batch/v1", "Job", {"completions": 4}, 1, id="job-runs-one-at-a-time-by-default"),
    pytest.param("v1", "Pod", {}, 1, id="pod"),
    pytest.param("v1", "ConfigMap", {}, 0, id="no-workload"),
    pytest.param("example.org/v1", "Thing", {"replicas": 7}, 0, id="unknown-kinds-are-no-workload"),
]


@pytest.mark.parametrize(("api_version", "kind", "spec", "count"), COUNTS)
def test_counts(api_version: str, kind: str, spec: dict[str, Any], count: int) -> None:
    assert replicas_of(made(api_version, kind, spec=spec)) == (count, None)


def container(requests: dict[str, str] | None = None, limits: dict[str, str] | None = None) -> dict[str, Any]:
    return {"name": "c", "resources": {"requests": requests or {}, "limits": limits or {}}}


AFFINITY = {"nodeSelectorTerms": [{"matchExpressions": []}]}
TOLERATION = {"key": "gpu", "operator": "Exists"}
REQUIREMENTS = [
    pytest.param({"containers": [{"name": "c"}]}, None, id="nothing-in-particular"),
    pytest.param(
        {"containers": [container({"cpu": "100m"}), container({"cpu": "200m", "memory": "1Gi"})]},
        {"resourceRequest": {"cpu": "300m", "memory": "1Gi"}},
        id="containers-add-up",
    ),
    pytest.param(
        {"containers": [container({"cpu": "1"}, {"cpu": "2", "memory": "1Gi"})]},
        {"resourceRequest": {"cpu": "1", "memory": "1Gi"}},
        id="a-limit-stands-in-for-a-missing-request",
    ),
    pytest.param(
        {"containers": [container({"cpu": "1"})], "initContainers": [container({"cpu": "3"}), container({"cpu": "2"})]},
        {"resourceRequest": {"cpu": "3"}},
        id="the-largest-init-container-if-more",
    ),
    pytest.param(
        {"containers": [container({"cpu": "1"})], "overhead": {"cpu": "250m", "memory": "64Mi"}},
        {"resourceRequest": {"cpu": "1250m", "memory": "64Mi"}},
        id="overhead-comes-on-top",
    ),
    pytest.param(
        {
            "nodeSelector": {"disk": "ssd"},
            "tolerations": [TOLERATION],
            "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": AFFINITY}},
        },
        {"nodeClaim": {"hardNodeAffinity": AFFINITY, "nodeSelector": {"disk": "ssd"}, "tolerations": [TOLERATION]}},
        id="what-nodes-will-do",
    ),
]


@pytest.mark.parametrize(("pod_spec", "requirements"), REQUIREMENTS)
def test_requires(pod_spec: dict[str, Any], requirements: dict[str, Any] | None) -> None:
    workload = made("apps/v1", "Deployment", spec={"replicas": 2, "template": {"spec": pod_spec}})
    assert replicas_of(workload) == (2, requirements)
    assert replicas_of(made("v1", "Pod", spec=pod_spec)) == (1, requirements)


def test_a_request_that_is_no_quantity_is_named() -> None:
    pod = made("v1", "Pod", spec={"containers": [container({"cpu": "lots"})]})
    with pytest.raises(Invalid, match="'lots' is not a quantity"):
        replicas_of(pod)


REVISED = [
    pytest.param(
        "apps/v1", "Deployment", {"replicas": 3, "paused": True}, {"replicas": 5, "paused": True}, id="replicas"
    ),
    pytest.param("apps/v1", "StatefulSet", {}, {"replicas": 5}, id="set-where-absent"),
    pytest.param("apps/v1", "ReplicaSet", {"replicas": 1}, {"replicas": 5}, id="replicaset"),
    pytest.param("batch/v1", "Job", {"completions": 9}, {"completions": 9, "parallelism": 5}, id="job-parallelism"),
    pytest.param("apps/v1", "DaemonSet", {"a": 1}, {"a": 1}, id="nothing-to-revise"),
    pytest.param("example.org/v1", "Thing", {"replicas": 1}, {"replicas": 1}, id="unknown-kinds-stay"),
]


@pytest.mark.parametrize(("api_version", "kind", "spec", "revised"), REVISED)
def test_revises(api_version: str, kind: str, spec: dict[str, Any], revised: dict[str, Any]) -> None:
    template = made(api_version, kind, spec=spec)
    before = copy_of(template)
    assert revise(template, 5) == {**template, "spec": revised}
    assert template == before
