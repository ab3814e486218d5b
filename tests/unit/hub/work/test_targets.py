"""What a binding says about each cluster."""

from typing import Any

import pytest

from flotilla_hub.work.targets import (
    clusters_to_keep,
    completions_of,
    is_suspended_on,
    is_workload,
    preserved_labels,
    targets_of,
)


def task(cluster: str, mode: str) -> dict[str, str]:
    return {"fromCluster": cluster, "purgeMode": mode}


ONE = [{"name": "m1", "replicas": 2}]
REQUIRED = [{"name": "x", "clusters": [{"name": "m1", "replicas": 9}, {"name": "m2"}]}]

TARGETS = [
    pytest.param({}, {}, id="unscheduled-has-none"),
    pytest.param({"clusters": ONE}, {"m1": 2}, id="the-scheduling-result"),
    pytest.param({"requiredBy": REQUIRED}, {"m1": 9, "m2": 0}, id="where-it-is-needed"),
    pytest.param({"clusters": ONE, "requiredBy": REQUIRED}, {"m1": 2, "m2": 0}, id="both-with-its-own-replicas"),
]

KEPT = [
    pytest.param({"clusters": ONE}, {"m1"}, id="the-targets"),
    pytest.param({"gracefulEvictionTasks": [task("m3", "Gracefully")]}, {"m3"}, id="one-being-left-gracefully"),
    pytest.param({"gracefulEvictionTasks": [task("m3", "Never")]}, {"m3"}, id="one-never-purged"),
    pytest.param({"gracefulEvictionTasks": [task("m3", "Directly")]}, set(), id="not-one-left-at-once"),
]

SUSPENDED = [
    pytest.param({}, False, id="not-by-default"),
    pytest.param({"dispatching": True}, True, id="everywhere"),
    pytest.param({"dispatchingOnClusters": {"clusterNames": ["m1"]}}, True, id="here"),
    pytest.param({"dispatchingOnClusters": {"clusterNames": ["m2"]}}, False, id="elsewhere"),
    pytest.param({"scheduling": True}, False, id="only-its-scheduling"),
]

WORKLOADS = [
    pytest.param({}, False, id="what-counts-nothing"),
    pytest.param({"replicas": 1}, True, id="what-has-replicas"),
    pytest.param({"replicaRequirements": {"resourceRequest": {"cpu": "1"}}}, True, id="what-has-requirements"),
]


DIVIDED = {"replicas": 3, "clusters": [{"name": "a", "replicas": 1}, {"name": "b", "replicas": 2}]}
SHARES = {"placement": {"replicaScheduling": {"replicaSchedulingType": "Divided"}}}
JOB = {"apiVersion": "batch/v1", "kind": "Job", "spec": {"completions": 6}}

COMPLETIONS = [
    pytest.param({**DIVIDED, **SHARES}, JOB, {"a": 2, "b": 4}, id="a-divided-job's-follow-its-replicas"),
    pytest.param(DIVIDED, JOB, {}, id="a-duplicated-job's-stay-as-they-are"),
    pytest.param({**DIVIDED, **SHARES}, {**JOB, "spec": {}}, {}, id="a-queue-without-completions-has-none"),
    pytest.param({**DIVIDED, **SHARES}, {**JOB, "apiVersion": "x.io/v1"}, {}, id="nor-has-another-group's-job"),
    pytest.param(SHARES, JOB, {}, id="nor-one-not-placed-yet"),
]


@pytest.mark.parametrize(("spec", "template", "expected"), COMPLETIONS)
def test_completions(spec: Any, template: Any, expected: Any) -> None:
    assert completions_of({"spec": spec}, template) == expected


@pytest.mark.parametrize(("spec", "expected"), TARGETS)
def test_targets(spec: Any, expected: Any) -> None:
    assert targets_of({"spec": spec}) == expected


@pytest.mark.parametrize(("spec", "expected"), KEPT)
def test_clusters_to_keep(spec: Any, expected: Any) -> None:
    assert clusters_to_keep({"spec": spec}) == expected


@pytest.mark.parametrize(("suspension", "expected"), SUSPENDED)
def test_suspended(suspension: Any, expected: bool) -> None:
    assert is_suspended_on({"spec": {"suspension": suspension}}, "m1") is expected


@pytest.mark.parametrize(("spec", "expected"), WORKLOADS)
def test_workload(spec: Any, expected: bool) -> None:
    assert is_workload({"spec": spec}) is expected


TASK = {"fromCluster": "m1", "purgeMode": "Directly", "preservedLabelState": {"step": "7"}}


@pytest.mark.parametrize(
    ("clusters", "tasks", "expected"),
    [
        pytest.param(["m2"], [{**TASK, "clustersBeforeFailover": ["m1"]}], {"step": "7"}, id="it-takes-over"),
        pytest.param(["m2", "m3"], [TASK], {}, id="of-two-nobody-knows-which-takes-over"),
        pytest.param(["m2"], [{**TASK, "clustersBeforeFailover": ["m1", "m2"]}], {}, id="it-was-there-before"),
        pytest.param(["m2"], [{**TASK, "purgeMode": "Gracefully"}], {}, id="the-old-copy-still-runs"),
        pytest.param(["m2"], [TASK, {"fromCluster": "m3", "purgeMode": "Directly"}], {}, id="the-last-one-counts"),
        pytest.param(["m2"], [], {}, id="nothing-was-left"),
    ],
)
def test_state_is_handed_over(clusters: list[str], tasks: list[Any], expected: Any) -> None:
    binding = {"spec": {"clusters": [{"name": name} for name in clusters], "gracefulEvictionTasks": tasks}}
    assert preserved_labels(binding, "m2") == expected
