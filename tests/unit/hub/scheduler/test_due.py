"""When a binding is scheduled again, and when its result stands."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.outcome import schedule
from tests.unit.hub.scheduler.samples import (
    DYNAMIC,
    EVEN,
    FLEET,
    LATER,
    NAMED,
    NOW,
    OTHER,
    TAINT,
    changed,
    cluster,
    divided,
    result,
    rooms,
    scheduled,
)

GONE = [cluster("m1"), cluster("m2", terminating=True), cluster("m3")]
AGAIN = [
    pytest.param(EVEN, {"placement": {**EVEN, **OTHER}}, FLEET, {"m2": 3}, id="placement-changed"),
    pytest.param(EVEN, {"replicas": 4}, FLEET, {"m1": 2, "m2": 2}, id="replicas-changed"),
    pytest.param({}, {"replicas": 4}, FLEET[:2], {"m1": 4, "m2": 4}, id="copies-changed"),
    pytest.param(EVEN, {}, GONE, {"m1": 3}, id="a-target-is-leaving"),
    pytest.param(EVEN, {}, [FLEET[0]], {"m1": 3}, id="a-target-is-gone"),
    pytest.param(
        {}, {}, [*FLEET, cluster("m4")], {"m1": 3, "m2": 3, "m3": 3, "m4": 3}, id="copies-go-to-a-new-cluster"
    ),
    pytest.param(
        EVEN,
        {"gracefulEvictionTasks": [{"fromCluster": "m1"}], "clusters": [{"name": "m2", "replicas": 1}]},
        FLEET,
        {"m2": 3},
        id="an-evicted-share-goes-elsewhere",
    ),
    pytest.param(
        {},
        {"placement": {"clusterAntiAffinity": {"clusterNames": ["m1"]}}},
        FLEET,
        {"m2": 3, "m3": 3},
        id="a-ban-drives-out",
    ),
]


@pytest.mark.parametrize(("placement", "change", "members", "wanted"), AGAIN)
def test_is_scheduled_again(
    placement: Obj, change: dict[str, Any], members: list[Cluster], wanted: dict[str, int]
) -> None:
    done = schedule(changed(scheduled(placement), **change), members, LATER)
    assert result(done) == wanted
    assert done is not None
    assert done["status"]["lastScheduledTime"] == LATER


def test_a_divided_result_stands_when_a_cluster_joins() -> None:
    assert schedule(scheduled(divided(), FLEET[:2]), FLEET, LATER) is None


def test_a_divided_result_stands_when_a_target_is_tainted() -> None:
    assert schedule(scheduled(EVEN), [FLEET[0], cluster("m2", taints=(TAINT,))], LATER) is None


def test_another_change_of_the_spec_is_only_noted() -> None:
    done = schedule(changed(scheduled(EVEN), conflictResolution="Overwrite"), FLEET, LATER)
    assert done is not None
    assert (done["status"]["schedulerObservedGeneration"], done["status"]["lastScheduledTime"]) == (3, NOW)


def test_the_same_placement_in_another_spelling_is_no_change() -> None:
    done = scheduled({**divided(), **NAMED})
    respelled = {**done, "spec": {**done["spec"], "placement": {**NAMED, **divided()}}}
    assert schedule(respelled, FLEET, LATER) is None


ASKED = [
    pytest.param("2026-01-01T00:04:00Z", {"m1": 1, "m2": 2}, id="asked-later"),
    pytest.param("2026-01-01T00:00:00Z", None, id="asked-before"),
    pytest.param("soon", None, id="asked-in-no-time"),
]


@pytest.mark.parametrize(("asked", "wanted"), ASKED)
def test_a_reschedule_starts_afresh_once(asked: str, wanted: dict[str, int] | None) -> None:
    done = schedule(changed(scheduled(DYNAMIC, rooms(m1=3)), rescheduleTriggeredAt=asked), rooms(m1=0, m2=9), LATER)
    assert done is not None
    assert result(done) == (wanted or {"m1": 3})
    assert schedule(done, rooms(m1=0, m2=9), LATER) is None


TERMS = {
    **divided(),
    "clusterAffinities": [
        {"affinityName": "home", "clusterNames": ["m1", "m2"]},
        {"affinityName": "away", "clusterNames": ["m3"]},
    ],
}


def with_term(place: int, **change: Any) -> Obj:
    terms = [{**term, **(change if i == place else {})} for i, term in enumerate(TERMS["clusterAffinities"])]
    return {**TERMS, "clusterAffinities": terms}


STANDS = [
    pytest.param(EVEN, {"placement": {**EVEN, "workloadAffinity": {}}}, id="workload-affinity-alone-is-no-change"),
    pytest.param(TERMS, {"placement": with_term(1, clusterNames=["m1"])}, id="a-group-that-is-not-in-use"),
    pytest.param(EVEN, {"replicaRequirements": {"resourceRequest": {"cpu": "1"}}}, id="what-a-replica-needs"),
    pytest.param(EVEN, {"schedulePriority": {"priority": 5}}, id="its-priority"),
]


@pytest.mark.parametrize(("placement", "change"), STANDS)
def test_the_result_stands(placement: Obj, change: dict[str, Any]) -> None:
    before = scheduled(placement)
    done = schedule(changed(before, **change), FLEET, LATER)
    assert done is not None
    assert (result(done), done["status"]["lastScheduledTime"]) == (result(before), NOW)


def test_the_group_in_use_may_change() -> None:
    done = schedule(changed(scheduled(TERMS), placement=with_term(0, clusterNames=["m2"])), FLEET, LATER)
    assert result(done) == {"m2": 3}


def test_a_group_nobody_knows_any_more_has_it_begin_with_the_first() -> None:
    placed = scheduled(TERMS)
    lost = {**placed, "status": {**placed["status"], "schedulerObservingAffinityName": "gone"}}
    done = schedule(changed(lost, replicas=4), FLEET, LATER)
    assert done is not None
    assert (result(done), done["status"]["schedulerObservingAffinityName"]) == ({"m1": 2, "m2": 2}, "home")


def test_when_every_group_fails_the_one_in_use_stays_noted() -> None:
    failed = schedule(changed(scheduled(TERMS), replicas=4), [cluster("m9")], LATER)
    assert failed is not None
    assert (result(failed), failed["status"]["schedulerObservingAffinityName"]) == ({}, "home")
