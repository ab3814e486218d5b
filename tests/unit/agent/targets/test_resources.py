"""How a cluster's resources are added up."""

from flotilla_agent.targets.resources import Tally
from flotilla_common.objects import Obj


def node(is_ready: bool = True, **allocatable: str) -> Obj:
    ready = {"type": "Ready", "status": "True" if is_ready else "False"}
    return {"status": {"allocatable": allocatable, "conditions": [ready]}}


def pod(where: str = "", **requests: str) -> Obj:
    return {"spec": {"nodeName": where, "containers": [{"resources": {"requests": requests}}]}}


def tally(*objects: Obj) -> Tally:
    result = Tally()
    for obj in objects:
        result.add_node(obj) if "status" in obj else result.add_pod(obj)
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
