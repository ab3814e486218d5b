"""One status from many: the template's on the hub from its members'."""

from typing import Any

import pytest

from flotilla_common.kinds import aggregate
from flotilla_common.objects import copy_of
from tests.unit.common.kinds.samples import condition, items, made

DONE = {"generation": 5, "observedGeneration": 5, "resourceTemplateGeneration": 2}
"""Of a member that has caught up with generation 2 of the template, five writes of its own later."""
BEHIND = {**DONE, "resourceTemplateGeneration": 1}
UNSEEN = {**DONE, "observedGeneration": 4}


def replicas(count: int, **fresh: int) -> dict[str, Any]:
    return {"replicas": count, "readyReplicas": count, **fresh}


OLD = {"conditions": [condition("Available")], "replicas": 9, "observedGeneration": 1}
SUMMED = {"conditions": [condition("Available")], "replicas": 3, "readyReplicas": 3}
WORKLOADS = [
    pytest.param(
        OLD, [replicas(1, **DONE), replicas(2, **DONE)], {**SUMMED, "observedGeneration": 2}, id="counters-are-summed"
    ),
    pytest.param(
        OLD,
        [replicas(1, **DONE), replicas(2, **BEHIND)],
        {**SUMMED, "observedGeneration": 1},
        id="one-has-the-old-template",
    ),
    pytest.param(
        OLD, [replicas(1, **DONE), replicas(2, **UNSEEN)], {**SUMMED, "observedGeneration": 1}, id="one-has-not-looked"
    ),
    pytest.param(OLD, [replicas(3, **DONE), None], {**SUMMED, "observedGeneration": 1}, id="one-says-nothing"),
    pytest.param(
        OLD, [], {"conditions": [condition("Available")], "observedGeneration": 2}, id="nobody-is-zero-and-observed"
    ),
    pytest.param(None, [replicas(3)], {"replicas": 3, "readyReplicas": 3}, id="without-generations-never-observed"),
]


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
@pytest.mark.parametrize(("old", "members", "status"), WORKLOADS)
def test_workload(kind: str, old: dict[str, Any] | None, members: list[Any], status: dict[str, Any]) -> None:
    template = made("apps/v1", kind, generation=2, **({"status": old} if old else {}))
    before = copy_of(template)
    assert aggregate(template, items(*members)) == status
    assert template == before


def test_daemonset_counts_nodes() -> None:
    members = items(
        {"numberReady": 3, "desiredNumberScheduled": 3, **DONE}, {"numberReady": 1, "desiredNumberScheduled": 2, **DONE}
    )
    summed = {"numberReady": 4, "desiredNumberScheduled": 5, "observedGeneration": 2}
    assert aggregate(made("apps/v1", "DaemonSet", generation=2), members) == summed


COMPLETE = {"conditions": [condition("Complete", lastTransitionTime="2026-01-01T00:00:09Z")]}
COMPLETE_EARLIER = {"conditions": [condition("Complete", lastTransitionTime="2026-01-01T00:00:03Z")]}
FAILED = {"conditions": [condition("Failed", lastTransitionTime="2026-01-01T00:00:05Z")]}
MET = condition("SuccessCriteriaMet", lastTransitionTime="2026-01-01T00:00:08Z")


def ended(type_: str, reason: str, message: str, second: int) -> dict[str, Any]:
    when = f"2026-01-01T00:00:0{second}Z"
    return condition(type_, "True", reason, message, lastProbeTime=when, lastTransitionTime=when)


JOBS = [
    pytest.param({}, [{"active": 1}, {"active": 2, "failed": 1}], {"active": 3, "failed": 1}, id="counters"),
    pytest.param({}, [COMPLETE, {"active": 1}], {"active": 1}, id="not-done-until-all-are"),
    pytest.param(
        {},
        [COMPLETE, COMPLETE_EARLIER],
        {"conditions": [ended("Complete", "Completed", "Job completed", 9)]},
        id="done-when-all-are",
    ),
    pytest.param(
        {},
        [{"conditions": [MET, *COMPLETE["conditions"]]}],
        {
            "conditions": [
                ended("SuccessCriteriaMet", "Completed", "Job completed", 8),
                ended("Complete", "Completed", "Job completed", 9),
            ]
        },
        id="and-met-the-criteria-when-all-did",
    ),
    pytest.param(
        {},
        [FAILED, COMPLETE, FAILED],
        {"conditions": [ended("Failed", "JobFailed", "Job executed failed in member clusters m1,m3", 5)]},
        id="failed-when-any-did",
    ),
    pytest.param({"conditions": [condition("Complete")]}, [FAILED], None, id="what-is-done-stays-done"),
    pytest.param(
        {},
        [{"startTime": "T3", "completionTime": "T5"}, {"startTime": "T2", "completionTime": "T7"}],
        {"startTime": "T2", "completionTime": "T7"},
        id="from-the-first-start-to-the-last-end",
    ),
    pytest.param({"startTime": "T1"}, [{"startTime": "T2"}, {}], {"startTime": "T1"}, id="a-start-is-set-once"),
    pytest.param({}, [{"startTime": "T2"}, None], {}, id="not-started-until-all-are"),
    pytest.param({}, [], {}, id="nobody"),
]


@pytest.mark.parametrize(("old", "members", "status"), JOBS)
def test_job(old: dict[str, Any], members: list[Any], status: dict[str, Any] | None) -> None:
    assert aggregate(made("batch/v1", "Job", status=old), items(*members)) == status


def ingress(*addresses: str) -> dict[str, Any]:
    return {"loadBalancer": {"ingress": [{"ip": address} for address in addresses]} if addresses else {}}


PHASES_OF_PODS = [
    pytest.param(["Running", "Succeeded"], "Running", id="running-before-succeeded"),
    pytest.param(["Running", "Pending"], "Pending", id="pending-before-running"),
    pytest.param(["Failed", "Pending"], "Failed", id="failed-before-all"),
]
OTHERS = [
    pytest.param(
        "v1 Service",
        {"type": "LoadBalancer"},
        [ingress("2.2.2.2"), ingress("1.1.1.1", "2.2.2.2")],
        ingress("1.1.1.1", "2.2.2.2"),
        id="addresses-once-and-sorted",
    ),
    pytest.param("v1 Service", {"type": "LoadBalancer"}, [], ingress(), id="no-address"),
    pytest.param("v1 Service", {"type": "ClusterIP"}, [ingress("1.1.1.1")], None, id="a-plain-service-is-left-alone"),
    pytest.param("networking.k8s.io/v1 Ingress", {}, [ingress("2.2.2.2"), None], ingress("2.2.2.2"), id="ingress"),
    pytest.param(
        "batch/v1 CronJob",
        {},
        [{"active": [{"name": "a"}], "lastScheduleTime": "T1"}, {"active": [{"name": "b"}], "lastScheduleTime": "T2"}],
        {"active": [{"name": "a"}, {"name": "b"}], "lastScheduleTime": "T2"},
        id="cronjob-all-active-and-the-latest-times",
    ),
    pytest.param(
        "v1 PersistentVolumeClaim",
        {},
        [{"phase": "Bound"}, {"phase": "Pending"}],
        {"phase": "Pending"},
        id="claim-not-bound-everywhere",
    ),
    pytest.param(
        "v1 PersistentVolumeClaim",
        {},
        [{"phase": "Lost"}, {"phase": "Pending"}],
        {"phase": "Lost"},
        id="claim-lost-wins",
    ),
    pytest.param("v1 PersistentVolumeClaim", {}, [], {"phase": "Bound"}, id="claim-bound-by-default"),
    pytest.param(
        "v1 PersistentVolume",
        {},
        [{"phase": "Bound"}, {"phase": "Available"}],
        {"phase": "Available"},
        id="volume-the-worst",
    ),
    pytest.param(
        "policy/v1 PodDisruptionBudget",
        {},
        [{"currentHealthy": 1, "disruptedPods": {"p": "t"}}, {"currentHealthy": 2, "disruptedPods": {"p": "t"}}],
        {"currentHealthy": 3, "disruptedPods": {"m1/p": "t", "m2/p": "t"}},
        id="budget-names-pods-by-cluster",
    ),
    pytest.param(
        "autoscaling/v2 HorizontalPodAutoscaler",
        {},
        [{"currentReplicas": 1}, {"currentReplicas": 2, "desiredReplicas": 4}],
        {"currentReplicas": 3, "desiredReplicas": 4},
        id="autoscaler",
    ),
    pytest.param("v1 ConfigMap", {}, [None, None], None, id="nothing-to-aggregate"),
]


@pytest.mark.parametrize(("kind", "spec", "members", "status"), OTHERS)
def test_other_kinds(kind: str, spec: dict[str, Any], members: list[Any], status: dict[str, Any] | None) -> None:
    api_version, _, name = kind.partition(" ")
    assert aggregate(made(api_version, name, spec=spec), items(*members)) == status


@pytest.mark.parametrize(("phases", "phase"), PHASES_OF_PODS)
def test_the_worst_phase_of_a_pod(phases: list[str], phase: str) -> None:
    assert aggregate(made("v1", "Pod"), items(*({"phase": p} for p in phases))) == {"phase": phase}


def test_containers_of_all_pods_with_what_is_printed_of_them() -> None:
    running = {"state": {"running": {}}, "ready": True}
    members = items({"phase": "Running", "containerStatuses": [{"name": "app", "image": "i", **running}]}, None)
    assert aggregate(made("v1", "Pod"), members) == {"phase": "Pending", "containerStatuses": [running]}
