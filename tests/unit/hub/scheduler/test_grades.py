"""Room by grades of nodes, and by whole sets of components: upstream's simulation, against laying out pod by pod."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.objects import Obj
from flotilla_hub.model.cluster import Cluster, NodeGrade
from flotilla_hub.scheduler.capacity import estimator
from flotilla_hub.scheduler.grades import Part, sets_on
from flotilla_hub.scheduler.profile import Profile
from flotilla_hub.scheduler.request import Component
from tests.unit.hub.scheduler.samples import DYNAMIC, request

GI = 2**30
MODELS = [
    {"grade": 0, "ranges": [{"name": "cpu", "min": "0", "max": "1"}, {"name": "memory", "min": "0", "max": "4Gi"}]},
    {"grade": 1, "ranges": [{"name": "cpu", "min": "1", "max": "2"}, {"name": "memory", "min": "4Gi", "max": "16Gi"}]},
    {"grade": 2, "ranges": [{"name": "cpu", "min": "2", "max": "4"}, {"name": "memory", "min": "16Gi", "max": "32Gi"}]},
]


def member(*counts: int, pods: int = 1000, cpu: str = "100", memory: str = "1Ti", **status: Any) -> Cluster:
    """So many nodes of grade 0, 1, 2."""
    modelings = [{"grade": grade, "count": count} for grade, count in enumerate(counts)]
    summary = {"allocatable": {"pods": str(pods), "cpu": cpu, "memory": memory}, "allocatableModelings": modelings}
    obj = {"metadata": {"name": "m1"}, "spec": {"resourceModels": MODELS}, "status": {"resourceSummary": summary}}
    return Cluster.of({**obj, **status})


def asking(**resources: str) -> Obj:
    return {"resourceRequest": resources}


REPLICAS = [
    pytest.param(member(0, 0, 3), asking(cpu="1"), 6, id="each-node-counts-as-the-least-of-its-grade"),
    pytest.param(member(0, 5, 3), asking(cpu="1500m"), 3, id="nodes-too-small-do-not-add-up"),
    pytest.param(member(9, 1, 0), asking(cpu="1"), 1, id="grade-0-contributes-nothing"),
    pytest.param(member(9, 0, 0), asking(cpu="1"), 0, id="not-even-alone"),
    pytest.param(member(0, 0, 3), asking(cpu="1", memory="16Gi"), 3, id="the-scarcest-resource-of-a-node-counts"),
    pytest.param(member(0, 0, 3), asking(cpu="1m"), 330, id="a-node-takes-110-pods"),
    pytest.param(member(0, 0, 3, pods=5), asking(cpu="1"), 5, id="never-more-than-the-pods-left"),
    pytest.param(member(0, 0, 3, pods=0), asking(cpu="1"), 0, id="no-pods-left"),
    pytest.param(member(0, 0, 3, cpu="1"), asking(cpu="1"), 6, id="the-summary-is-not-asked-where-the-grades-know"),
    pytest.param(member(0, 0, 3), asking(gpu="1"), 0, id="what-the-models-do-not-know-goes-by-the-summary"),
    pytest.param(member(0, 0, 1, cpu="50"), {**asking(cpu="1", **{"example.com/x": "0"})}, 2, id="none-is-not-asked"),
    pytest.param(member(0, 0, 3), asking(), 1000, id="without-a-request-only-pods-count"),
    pytest.param(member(0, 0, 3), None, 1000, id="without-requirements-too"),
    pytest.param(member(), asking(cpu="1"), 100, id="no-modelings-no-grades"),
    pytest.param(member(0, 0, 0), asking(cpu="1"), 0, id="a-model-without-nodes-has-no-room"),
]


@pytest.mark.parametrize(("cluster", "requirements", "room"), REPLICAS)
def test_replicas_by_grades(cluster: Cluster, requirements: Obj | None, room: int) -> None:
    assert estimator(request(DYNAMIC, replicas=1, requirements=requirements))(cluster) == room


def test_without_the_gate_the_summary_counts() -> None:
    asked = request(DYNAMIC, replicas=1, requirements=asking(cpu="1500m"))
    assert estimator(asked, Profile(has_models=False))(member(0, 5, 3)) == 66


def test_models_nobody_can_read_count_as_none() -> None:
    broken = [{"grade": 1, "ranges": [{"name": "cpu", "min": "much"}]}]
    assert member(0, 1, spec={"resourceModels": broken}).grades == ()


ONE = {"spreadConstraints": [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 1}]}
TWO = {"spreadConstraints": [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 2}]}
LEADER, WORKERS = Component("leader", 1, asking(cpu="1")), Component("worker", 3, asking(cpu="2", memory="1Gi"))
SETS = [
    pytest.param(ONE, (LEADER, WORKERS), member(cpu="15"), 2, id="whole-sets-by-the-summary"),
    pytest.param(ONE, (LEADER, WORKERS), member(pods=11), 2, id="of-as-many-pods-as-there-are"),
    pytest.param(ONE, (LEADER, WORKERS), member(0, 2, 6), 2, id="whole-sets-node-by-node"),
    pytest.param(ONE, (LEADER, WORKERS), member(0, 0, 6), 1, id="whose-pods-stand-in-each-other's-way"),
    pytest.param(ONE, (LEADER, WORKERS), member(0, 0, 9, cpu="7"), 1, id="both-the-grades-and-the-summary-must-hold"),
    pytest.param(ONE, (LEADER, WORKERS), member(0, 9, 2), 0, id="one-pod-too-large-is-one-too-many"),
    pytest.param(ONE, (Component("a", 2), Component("b", 3)), member(pods=11), 2, id="that-ask-for-nothing"),
    pytest.param(ONE, (Component("a", 0), Component("b", 0)), member(pods=11), 11, id="that-are-scaled-to-zero"),
    pytest.param(TWO, (LEADER, WORKERS), member(cpu="15"), 1000, id="in-several-clusters-only-pods-count"),
    pytest.param(ONE, (LEADER,), member(cpu="15"), 1000, id="one-component-is-no-set"),
]


@pytest.mark.parametrize(("placement", "components", "cluster", "sets"), SETS)
def test_sets(placement: Obj, components: tuple[Component, ...], cluster: Cluster, sets: int) -> None:
    asked = request(placement, components=components)
    assert estimator(asked, Profile(has_components=True))(cluster) == sets


def test_without_the_gate_nothing_is_counted_in_sets() -> None:
    assert estimator(request(ONE, components=(LEADER, WORKERS)))(member(cpu="15")) == 1000


def laid_out(grades: list[NodeGrade], parts: list[Part], most: int, taken: list[Part]) -> int:
    """The definition: pod after pod, each on the first node with room."""
    nodes = [dict(grade.least) for grade in grades for _ in range(grade.number)]

    def place(part: Part) -> bool:
        for _ in range(part.number):
            found = next((n for n in nodes if all(n[name] >= units for name, units in part.pod.items())), None)
            if found is None:
                return False
            for name, units in part.pod.items():
                found[name] -= units
        return True

    for part in taken:
        place(part)
    sets = 0
    while sets < most and all(place(part) for part in parts):
        sets += 1
    return sets


units = st.integers(1, 4)
pods = st.builds(lambda cpu, memory: {"cpu": cpu, "memory": memory, "pods": 1}, units, units)
parts = st.lists(st.builds(Part, st.integers(1, 3), pods), min_size=1, max_size=3)
grades = st.lists(
    st.builds(
        lambda number, cpu, memory: NodeGrade(number, {"cpu": cpu, "memory": memory, "pods": 6}),
        st.integers(0, 3),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    max_size=4,
)


@given(grades, parts, st.integers(0, 30), st.lists(st.builds(Part, st.integers(1, 3), pods), max_size=2))
def test_is_what_laying_out_pod_by_pod_gives(
    grades: list[NodeGrade], parts: list[Part], most: int, taken: list[Part]
) -> None:
    assert sets_on(grades, parts, most, taken) == laid_out(grades, parts, most, taken)


def test_ten_thousand_nodes_are_soon_counted() -> None:
    grades = [NodeGrade(10_000, {"cpu": 64_000, "memory": 256 * GI, "pods": 110})]
    wanted = [Part(1, {"cpu": 1000, "pods": 1}), Part(4, {"cpu": 2000, "memory": GI, "pods": 1})]
    assert sets_on(grades, wanted, 10**6) == 71_111
