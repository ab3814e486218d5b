"""Room that was given away counts as taken until the workload runs there, is gone, or too much time has passed."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.scheduler.assumptions import LASTS, Assumptions
from flotilla_hub.scheduler.grades import Part
from flotilla_hub.scheduler.outcome import schedule
from flotilla_hub.scheduler.profile import Profile
from tests.unit.hub.scheduler.samples import DYNAMIC, NOW, binding, cluster, result, rooms, said

CORE = {"resourceRequest": {"cpu": "1"}}


def placed(requirements: Obj | None = CORE, told: dict[str, Any] | None = None, **clusters: int) -> Obj:
    """In these clusters with so many replicas, and of each what is told of it."""
    items = [{"clusterName": name, **item} for name, item in (told or {}).items()]
    return {
        "spec": {
            "replicaRequirements": requirements,
            "clusters": [{"name": name, "replicas": count} for name, count in clusters.items()],
        },
        "status": {"aggregatedStatus": items},
    }


def taken(assumptions: Assumptions[str]) -> dict[str, int]:
    """Cores by cluster."""
    return {name: sum(p.number * p.pod["cpu"] // 1000 for p in assumptions[name]) for name in assumptions}


NOTHING: Obj = {"spec": {}}
STEPS = [
    pytest.param([(NOTHING, placed(m1=2, m2=3))], {"m1": 2, "m2": 3}, id="all-of-what-is-new"),
    pytest.param([(placed(m1=2), placed(m1=5))], {"m1": 3}, id="what-it-grew-by"),
    pytest.param([(placed(m1=5), placed(m1=2))], {}, id="nothing-of-what-shrinks"),
    pytest.param([(NOTHING, placed(m1=2)), (placed(m1=2), placed(m1=5))], {"m1": 3}, id="the-last-growth-replaces"),
    pytest.param(
        [(NOTHING, placed(m1=2)), (placed(m1=2), placed(m1=2, m2=1))], {"m1": 2, "m2": 1}, id="the-rest-stays"
    ),
    pytest.param([(NOTHING, placed(m1=2)), (placed(m1=2), placed(m2=2))], {"m2": 2}, id="what-it-left-is-free"),
]


@pytest.mark.parametrize(("steps", "wanted"), STEPS)
def test_assumes(steps: list[tuple[Obj, Obj]], wanted: dict[str, int]) -> None:
    assumptions = Assumptions[str]()
    for before, after in steps:
        assumptions.assume("a", before, after, 0)
    assert taken(assumptions) == wanted


def test_bindings_add_up_and_are_given_back_one_by_one() -> None:
    assumptions = Assumptions[str]()
    for key in ("a", "b"):
        assumptions.assume(key, NOTHING, placed(m1=2), 0)
    assert assumptions["m1"] == (Part(4, {"cpu": 1000, "pods": 1}),)
    assumptions.release("a")
    assert taken(assumptions) == {"m1": 2}
    assumptions.release("b")
    assert (taken(assumptions), assumptions._taken) == ({}, {})


WELL, ILL = {"health": "Healthy", "status": {"readyReplicas": 2}}, {"health": "Unhealthy"}
TOLD = [
    pytest.param({}, {"m1": WELL}, {"m2": 3}, id="it-runs"),
    pytest.param({"m1": ILL}, {"m1": WELL}, {"m2": 3}, id="it-has-come-to-run"),
    pytest.param({"m1": WELL}, {"m1": WELL}, {"m1": 2, "m2": 3}, id="what-was-said-of-the-copies-before-counts-not"),
    pytest.param({}, {"m1": ILL}, {"m1": 2, "m2": 3}, id="it-does-not-run-yet"),
    pytest.param({}, {"m1": WELL, "m2": WELL}, {}, id="it-runs-everywhere"),
]


@pytest.mark.parametrize(("before", "after", "wanted"), TOLD)
def test_room_is_taken_until_it_runs(before: dict[str, Any], after: dict[str, Any], wanted: dict[str, int]) -> None:
    assumptions = Assumptions[str]()
    assumptions.assume("a", NOTHING, placed(m1=2, m2=3), 0)
    assumptions.land("a", placed(told=before), placed(told=after))
    assumptions.land("stranger", placed(told=before), placed(told=after))
    assert taken(assumptions) == wanted


def test_room_is_not_taken_for_ever() -> None:
    assumptions = Assumptions[str]()
    assumptions.assume("a", NOTHING, placed(m1=2), 100)
    assumptions.expire(100 + LASTS - 1)
    assert taken(assumptions) == {"m1": 2}
    assumptions.expire(100 + LASTS)
    assert taken(assumptions) == {}


def test_components_are_counted_each_by_its_own_size() -> None:
    parts = [{"name": "leader", "replicaRequirements": CORE}, {"name": "worker"}]
    share = [{"name": "leader", "replicas": 1}, {"name": "worker", "replicas": 3}]
    after = {"spec": {"components": parts, "clusters": [{"name": "m1", "components": share}]}}
    assumptions = Assumptions[str]()
    assumptions.assume("a", NOTHING, after, 0)
    assert set(map(repr, assumptions["m1"])) == {repr(Part(1, {"cpu": 1000, "pods": 1})), repr(Part(3, {"pods": 1}))}


def test_the_second_of_two_is_not_given_the_same_room() -> None:
    assumptions, profile = Assumptions[str](), Profile(has_assumptions=True)
    first = schedule(binding(DYNAMIC, replicas=3), rooms(m1=4), NOW, profile=profile, assumed=assumptions)
    assert result(first) == {"m1": 3}
    assumptions.assume("a", NOTHING, first or {}, 0)
    second = schedule(binding(DYNAMIC, replicas=3), rooms(m1=4), NOW, profile=profile, assumed=assumptions)
    assert said(second)[1:] == ("Unschedulable", "Clusters available replicas 1 are not enough to schedule.")


def test_it_counts_node_by_node_where_grades_are_known() -> None:
    models = [{"grade": 0, "ranges": [{"name": "cpu", "min": "2", "max": "9"}]}]
    summary = {"allocatable": {"pods": "9", "cpu": "9"}, "allocatableModelings": [{"grade": 0, "count": 2}]}
    obj = {"metadata": {"name": "m1"}, "spec": {"resourceModels": models}, "status": {"resourceSummary": summary}}
    graded = type(cluster("m1")).of(obj)
    member = cluster("m1", free=graded.free, grades=graded.grades)
    plain = binding(DYNAMIC, replicas=2, replicaRequirements={"resourceRequest": {"cpu": "1500m"}})
    assumptions, profile = Assumptions[str](), Profile(has_assumptions=True)
    assumptions.assume("a", NOTHING, placed(m1=1), 0)
    assert said(schedule(plain, [member], NOW, profile=profile, assumed=assumptions))[1] == "Unschedulable"
    assert result(schedule(plain, [member], NOW, profile=profile)) == {"m1": 2}
