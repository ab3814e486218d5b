"""How a cluster's resources are added up."""

from typing import Any

import pytest

from flotilla_agent.targets.resources import Tally
from flotilla_common.objects import Obj


def node(is_ready: bool = True, **allocatable: str) -> Obj:
    ready = {"type": "Ready", "status": "True" if is_ready else "False"}
    return {"status": {"allocatable": allocatable, "conditions": [ready]}}


def pod(where: str = "", **requests: str) -> Obj:
    return {"spec": {"nodeName": where, "containers": [{"resources": {"requests": requests}}]}}


def tally(*objects: Obj) -> Tally:
    result = Tally()
    for key, obj in enumerate(objects):
        result.put_node(key, obj) if "status" in obj else result.put_pod(key, obj)
    return result


def test_nodes_are_counted_ready_or_not() -> None:
    assert tally(node(), node(is_ready=False)).nodes() == {"totalNum": 2, "readyNum": 1}


def test_a_cluster_of_nothing() -> None:
    assert tally().nodes() == {"totalNum": 0, "readyNum": 0}
    assert tally().resources() == {"allocatable": {}, "allocating": {}, "allocated": {}}


def test_requests_count_where_their_pods_are() -> None:
    found = tally(
        node(cpu="4", memory="8Gi", pods="110"),
        node(cpu="3500m", memory="8Gi", pods="110"),
        pod("n1", cpu="250m", memory="512Mi"),
        pod("n1", cpu="250m"),
        pod(cpu="1"),
    )

    assert found.resources() == {
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
    assert tally({"spec": spec}).resources()["allocating"] == {**expected, "pods": "1"}


CHANGES: list[Any] = [
    pytest.param(lambda t: t.put_pod(0, pod("n", cpu="1")), {"cpu": "2", "pods": "2"}, id="the-same-again-is-no-other"),
    pytest.param(lambda t: t.put_pod(0, pod("n", cpu="3")), {"cpu": "4", "pods": "2"}, id="what-changes-counts-as-new"),
    pytest.param(lambda t: t.put_pod(2, pod("n", cpu="1")), {"cpu": "3", "pods": "3"}, id="what-comes-is-added"),
    pytest.param(lambda t: t.drop_pod(0), {"cpu": "1", "pods": "1"}, id="what-goes-is-taken-off"),
    pytest.param(lambda t: t.drop_pod("x"), {"cpu": "2", "pods": "2"}, id="what-was-never-there-cannot-go"),
    pytest.param(lambda t: (t.drop_pod(0), t.drop_pod(1)), {}, id="the-last-of-a-kind-leaves-nothing"),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_a_sum_follows_its_pods(change: Any, expected: dict[str, str]) -> None:
    found = tally(pod("n", cpu="1"), pod("n", cpu="1"))

    change(found)

    assert found.resources()["allocated"] == expected
