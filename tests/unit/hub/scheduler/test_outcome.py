"""What a decision leaves on the binding."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.outcome import schedule
from tests.unit.hub.scheduler.samples import (
    AGGREGATED,
    DYNAMIC,
    EVEN,
    FLEET,
    LATER,
    NAMED,
    NOT_MEANT,
    NOW,
    OTHER,
    TAINT,
    binding,
    changed,
    cluster,
    clusters,
    divided,
    result,
    rooms,
    said,
    scheduled,
    weight,
)


def test_a_success_leaves_all_of_this() -> None:
    before = binding(NAMED)
    pristine = copy_of(before)
    done = schedule(before, FLEET, NOW)
    message = "Binding has been scheduled successfully."
    condition = {
        "type": "Scheduled",
        "status": "True",
        "reason": "Success",
        "message": message,
        "lastTransitionTime": NOW,
    }
    assert done == {
        "metadata": {
            **pristine["metadata"],
            "generation": 2,
            "annotations": {
                "policy.karmada.io/applied-placement": '{"clusterAffinity":{"clusterNames":["m1","m2"]}}',
                "scheduler.flotilla.io/rejected": f'{{"m3":"{NOT_MEANT}"}}',
            },
        },
        "spec": {**pristine["spec"], "clusters": [{"name": "m1", "replicas": 3}, {"name": "m2", "replicas": 3}]},
        "status": {"conditions": [condition], "lastScheduledTime": NOW, "schedulerObservedGeneration": 2},
    }
    assert before == pristine


def test_without_replicas_clusters_carry_none() -> None:
    done = scheduled(kind="ConfigMap", replicas=0)
    assert done["spec"]["clusters"] == [{"name": "m1"}, {"name": "m2"}, {"name": "m3"}]


def test_when_nobody_is_rejected_nothing_is_noted() -> None:
    noted = scheduled(NAMED)
    again = schedule(noted, FLEET[:2], LATER)
    assert again is not None
    assert list(again["metadata"]["annotations"]) == ["policy.karmada.io/applied-placement"]


UNTOUCHED = [
    pytest.param({"spec": {"schedulerName": "mine"}}, id="another-scheduler's"),
    pytest.param({"spec": {"suspension": {"scheduling": True}}}, id="suspended"),
    pytest.param({"metadata": {"labels": {}}}, id="claimed-by-no-policy"),
    pytest.param({"metadata": {"deletionTimestamp": NOW}}, id="leaving"),
]
TOUCHED = [
    pytest.param({"spec": {"schedulerName": ""}}, id="the-default-scheduler-by-omission"),
    pytest.param({"spec": {"suspension": {"dispatching": True}}}, id="dispatching-is-another-matter"),
    pytest.param(
        {"metadata": {"labels": {"clusterpropagationpolicy.karmada.io/permanent-id": "x"}}},
        id="claimed-by-a-cluster-policy",
    ),
    pytest.param({"metadata": {"labels": {"binding.karmada.io/managed-by": "x"}}}, id="managed-by-someone"),
    pytest.param({"spec": {"placement": {"schedulerStrategy": {"type": "RollingUpdate"}}}}, id="with-a-strategy"),
]


def with_fields(fields: dict[str, Any]) -> Obj:
    plain = binding()
    return {**plain, **{part: {**plain[part], **more} for part, more in fields.items()}}


@pytest.mark.parametrize("fields", UNTOUCHED)
def test_is_not_ours(fields: dict[str, Any]) -> None:
    assert schedule(with_fields(fields), FLEET, NOW) is None


@pytest.mark.parametrize("fields", TOUCHED)
def test_is_ours(fields: dict[str, Any]) -> None:
    assert result(schedule(with_fields(fields), FLEET, NOW)) == {"m1": 3, "m2": 3, "m3": 3}


def test_nobody_fitting_empties_the_result() -> None:
    done = schedule(changed(scheduled(NAMED), placement={"clusterAffinity": {"clusterNames": ["m9"]}}), FLEET, LATER)
    assert result(done) == {}
    assert said(done) == ("False", "NoClusterFit", f"0/3 clusters are available: 3 {NOT_MEANT}.")


def test_nobody_fitting_is_tried_again_when_a_cluster_joins() -> None:
    failed = scheduled({"clusterAffinity": {"clusterNames": ["m9"]}, **divided()})
    assert result(schedule(failed, [*FLEET, cluster("m9")], LATER)) == {"m9": 3}


@pytest.mark.parametrize("placement", [DYNAMIC, AGGREGATED])
def test_too_little_room_keeps_the_result(placement: Obj) -> None:
    done = schedule(changed(scheduled(placement, rooms(m1=3)), replicas=9), rooms(m1=1), LATER)
    assert result(done) == {"m1": 3}
    assert said(done) == ("False", "Unschedulable", "Clusters available replicas 1 are not enough to schedule.")


def test_a_placement_nobody_understands_keeps_the_result() -> None:
    done = schedule(changed(scheduled(NAMED), placement={"clusterAfinity": {}}), FLEET, LATER)
    assert result(done) == {"m1": 3, "m2": 3}
    assert said(done)[1] == "SchedulerError"


GROUPS = {
    "clusterAffinities": [
        {"affinityName": "home", "clusterNames": ["m1"]},
        {"affinityName": "away", "clusterNames": ["m2"]},
    ]
}


def test_the_group_in_use_is_noted_and_kept() -> None:
    away = scheduled(GROUPS, [cluster("m1", taints=(TAINT,)), cluster("m2")])
    assert (result(away), away["status"]["schedulerObservingAffinityName"]) == ({"m2": 3}, "away")
    assert schedule(away, clusters("m1", "m2"), LATER) is None


def test_a_reschedule_goes_back_to_the_first_group() -> None:
    away = scheduled(GROUPS, [cluster("m1", taints=(TAINT,)), cluster("m2")])
    home = schedule(changed(away, rescheduleTriggeredAt=LATER), clusters("m1", "m2"), LATER)
    assert result(home) == {"m1": 3}


def test_at_most_a_hundred_reasons_are_kept() -> None:
    fleet = clusters("m1", "m2", *(f"x{i:03}" for i in range(300)))
    rejected = orjson.loads(scheduled(NAMED, fleet)["metadata"]["annotations"]["scheduler.flotilla.io/rejected"])
    assert len(rejected) == 100


names = st.sampled_from(["m1", "m2", "m3", "m4"])
fleets = st.lists(
    st.builds(cluster, names, st.integers(0, 9), taints=st.sampled_from([(), (TAINT,)])), unique_by=lambda c: c.name
)
SPREAD = {"spreadConstraints": [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 2}]}
WEIGHTED = divided(staticWeightList=[weight(1, "m1"), weight(2, "m2", "m3")])
placements = st.sampled_from(
    [{}, NAMED, OTHER, EVEN, WEIGHTED, DYNAMIC, AGGREGATED, GROUPS, SPREAD, {**SPREAD, **DYNAMIC}]
)


@given(placements, placements, fleets, fleets, st.integers(0, 9), st.integers(0, 9))
def test_deciding_again_changes_nothing(
    first: Obj, then: Obj, before: list[Cluster], after: list[Cluster], few: int, more: int
) -> None:
    plain = binding(first, replicas=few)
    moved = changed(schedule(plain, before, NOW) or plain, placement=then, replicas=more)
    done = schedule(moved, after, LATER) or moved
    assert schedule(done, after, LATER) is None
