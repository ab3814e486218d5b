"""How many nodes of each grade a cluster has: the grade of one node, and what pods leave free on each."""

import pytest

from flotilla_agent.estimate.nodes import NodeBook
from flotilla_agent.targets.grading import modelings
from flotilla_agent.targets.resources import free_of
from flotilla_common.node_grades import default_grades
from flotilla_common.objects import Obj

GI = 2**30
DEFAULT = default_grades()


def free(cores: float, gib: float, pods: int = 10) -> dict[str, int]:
    return {"cpu": int(cores * 1000), "memory": int(gib * GI), "pods": pods}


GRADES = [
    pytest.param(free(0.5, 2), 0, id="next-to-nothing"),
    pytest.param(free(1, 4), 1, id="just-the-least-of-a-grade"),
    pytest.param(free(0.999, 4), 0, id="just-below-it"),
    pytest.param(free(8, 32), 3, id="the-scarcest-resource-decides"),
    pytest.param(free(200, 4096), 8, id="the-last-has-no-upper-bound"),
    pytest.param(free(-2, 64), 0, id="more-promised-than-there-is"),
    pytest.param({"pods": 5}, 0, id="a-node-that-says-nothing-of-it"),
]


@pytest.mark.parametrize(("node", "grade"), GRADES)
def test_a_node_has_one_grade(node: dict[str, int], grade: int) -> None:
    assert [m["grade"] for m in modelings(DEFAULT, [node]) if m["count"]] == [grade]


def test_every_grade_is_told_of() -> None:
    counts = [m["count"] for m in modelings(DEFAULT, [free(1, 4), free(4, 32), free(5, 40)])]
    assert counts == [0, 1, 0, 2, 0, 0, 0, 0, 0]


def test_a_node_that_takes_no_pod_more_is_left_out_and_no_other() -> None:
    counts = [m["count"] for m in modelings(DEFAULT, [free(4, 32, pods=0), free(4, 32)])]
    assert sum(counts) == 1


UNREADABLE = [
    pytest.param([], id="none"),
    pytest.param([{"grade": 0}], id="without-ranges"),
    pytest.param([{"grade": 0, "ranges": [{"name": "cpu", "min": "much"}]}], id="no-quantity"),
]


@pytest.mark.parametrize("grades", UNREADABLE)
def test_by_what_nobody_understands_nothing_is_counted(grades: list[Obj]) -> None:
    assert modelings(grades, [free(1, 4)]) == []


def node(name: str, *, is_ready: bool = True) -> Obj:
    ready = {"type": "Ready", "status": "True" if is_ready else "False"}
    allocatable = {"cpu": "4", "memory": "16Gi", "pods": "2"}
    return {"metadata": {"name": name}, "status": {"allocatable": allocatable, "conditions": [ready]}}


def pod(where: str, cpu: str) -> Obj:
    return {"spec": {"nodeName": where, "containers": [{"resources": {"requests": {"cpu": cpu}}}]}}


def left(book: NodeBook) -> list[tuple[int, int]]:
    """Thousandths of a core and pods, of each ready node."""
    return [(free["cpu"], free["pods"]) for free in free_of(book)]


def test_what_pods_ask_for_is_gone_from_their_node_until_they_go() -> None:
    book = NodeBook()
    for name, is_ready in (("n1", True), ("n2", True), ("n3", False)):
        book.put_node(("", name), node(name, is_ready=is_ready))
    for key, where in (("a", "n1"), ("b", "n1"), ("c", "")):
        book.put_pod(("", key), pod(where, "1500m"))
    assert left(book) == [(1000, 0), (4000, 2)]
    book.put_pod(("", "a"), pod("n2", "500m"))
    book.put_pod(("", "b"), pod("n1", "1500m"))
    assert left(book) == [(2500, 1), (3500, 1)]
    for key in ("a", "b", "c", "c"):
        book.drop_pod(("", key))
    book.drop_node(("", "n2"))
    assert (left(book), list(book.asked())) == ([(4000, 2)], [])
