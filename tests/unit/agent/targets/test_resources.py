"""How a cluster's resources are added up."""

from typing import Any

import pytest

from flotilla_agent.estimate.nodes import Key, NodeBook
from flotilla_agent.targets.resources import node_summary, resource_summary
from flotilla_common.objects import Obj


def node(is_ready: bool = True, **allocatable: str) -> Obj:
    ready = {"type": "Ready", "status": "True" if is_ready else "False"}
    return {"status": {"allocatable": allocatable, "conditions": [ready]}}


def pod(where: str = "", **requests: str) -> Obj:
    return {"spec": {"nodeName": where, "containers": [{"resources": {"requests": requests}}]}}


def key(number: int) -> Key:
    return ("", f"it-{number}")


def book(*objects: Obj) -> NodeBook:
    result = NodeBook()
    for number, obj in enumerate(objects):
        result.put_node(key(number), obj) if "status" in obj else result.put_pod(key(number), obj)
    return result


def test_nodes_are_counted_ready_or_not() -> None:
    assert node_summary(book(node(), node(is_ready=False))) == {"totalNum": 2, "readyNum": 1}


def test_a_cluster_of_nothing() -> None:
    assert node_summary(book()) == {"totalNum": 0, "readyNum": 0}
    assert resource_summary(book()) == {"allocatable": {}, "allocating": {}, "allocated": {}}


def test_requests_count_where_their_pods_are() -> None:
    found = book(
        node(cpu="4", memory="8Gi", pods="110"),
        node(cpu="3500m", memory="8Gi", pods="110"),
        pod("n1", cpu="250m", memory="512Mi"),
        pod("n1", cpu="250m"),
        pod(cpu="1"),
    )

    assert resource_summary(found) == {
        "allocatable": {"cpu": "7500m", "memory": "16Gi", "pods": "220"},
        "allocating": {"cpu": "1", "pods": "1"},
        "allocated": {"cpu": "500m", "memory": "512Mi", "pods": "2"},
    }


ASKED = [
    pytest.param({"containers": [{}]}, {}, id="nothing"),
    pytest.param({"containers": [{"resources": {"limits": {"cpu": "2"}}}]}, {"cpu": "2"}, id="a-limit-alone"),
    pytest.param(
        {
            "containers": [{"resources": {"requests": {"cpu": "1"}}}, {"resources": {"requests": {"cpu": "1"}}}],
            "initContainers": [{"resources": {"requests": {"cpu": "3"}}}],
            "overhead": {"cpu": "250m"},
        },
        {"cpu": "3250m"},
        id="the-larger-of-running-and-starting-with-overhead",
    ),
]


@pytest.mark.parametrize(("spec", "expected"), ASKED)
def test_a_pod_asks_for(spec: Obj, expected: dict[str, str]) -> None:
    assert resource_summary(book({"spec": spec}))["allocating"] == {**expected, "pods": "1"}


FIRST, SECOND, OTHER = map(key, (0, 1, 2))
CHANGES: list[Any] = [
    pytest.param(
        lambda t: t.put_pod(FIRST, pod("n", cpu="1")), {"cpu": "2", "pods": "2"}, id="the-same-again-is-no-other"
    ),
    pytest.param(
        lambda t: t.put_pod(FIRST, pod("n", cpu="3")), {"cpu": "4", "pods": "2"}, id="what-changes-counts-as-new"
    ),
    pytest.param(lambda t: t.put_pod(OTHER, pod("n", cpu="1")), {"cpu": "3", "pods": "3"}, id="what-comes-is-added"),
    pytest.param(lambda t: t.drop_pod(FIRST), {"cpu": "1", "pods": "1"}, id="what-goes-is-taken-off"),
    pytest.param(lambda t: t.drop_pod(OTHER), {"cpu": "2", "pods": "2"}, id="what-was-never-there-cannot-go"),
    pytest.param(lambda t: (t.drop_pod(FIRST), t.drop_pod(SECOND)), {}, id="the-last-of-a-kind-leaves-nothing"),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_a_sum_follows_its_pods(change: Any, expected: dict[str, str]) -> None:
    found = book(pod("n", cpu="1"), pod("n", cpu="1"))

    change(found)

    assert resource_summary(found)["allocated"] == expected
