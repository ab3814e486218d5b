"""Which changes of a cluster's sums are worth telling."""

from typing import Any

import pytest

from flotilla_agent.targets.likeness import is_alike
from flotilla_common.objects import Obj

WHOLE = {"cpu": "1k", "memory": "1000Gi", "pods": "10k"}
TAKEN = {"cpu": "400", "memory": "500Gi", "pods": "5k"}


def summary(nodes: int = 1_000, *, of_each_grade: tuple[int, ...] = (600, 400), **sums: dict[str, str]) -> Obj:
    modelings = [{"grade": grade, "count": count} for grade, count in enumerate(of_each_grade)]
    resources = {"allocatable": WHOLE, "allocating": {}, "allocated": TAKEN, **sums}
    return {
        "nodeSummary": {"totalNum": nodes, "readyNum": nodes},
        "resourceSummary": {**resources, "allocatableModelings": modelings},
    }


CASES: list[Any] = [
    pytest.param(summary(), True, id="the-same"),
    pytest.param(summary(allocated={**TAKEN, "cpu": "401"}), True, id="a-thousandth-of-all-cores-more"),
    pytest.param(summary(allocated={**TAKEN, "cpu": "399"}), True, id="a-thousandth-of-all-cores-less"),
    pytest.param(summary(allocated={**TAKEN, "cpu": "401001m"}), False, id="more-than-that"),
    pytest.param(summary(allocated={**TAKEN, "pods": "5011"}), False, id="eleven-pods-of-ten-thousand"),
    pytest.param(summary(allocating={"pods": "1"}), False, id="the-first-that-waits"),
    pytest.param(summary(allocatable={**WHOLE, "gpu": "8"}), False, id="another-resource"),
    pytest.param(summary(nodes=999), False, id="a-node-less"),
    pytest.param(summary(of_each_grade=(599, 401)), True, id="one-node-of-another-grade"),
    pytest.param(summary(of_each_grade=(598, 402)), False, id="two-nodes-of-another-grade"),
    pytest.param(summary(of_each_grade=(600, 300, 100)), False, id="other-grades"),
]


@pytest.mark.parametrize(("after", "expected"), CASES)
def test_a_change_is_told_unless_it_is_small_for_the_cluster(after: Obj, expected: bool) -> None:
    assert is_alike(summary(), after, 0.001) is expected


SMALL = {"cpu": "24", "memory": "96Gi", "pods": "330"}


def test_in_a_small_cluster_every_pod_is_news() -> None:
    before, after = (
        summary(3, of_each_grade=(3,), allocatable=SMALL, allocated={"cpu": cpu, "pods": pods})
        for cpu, pods in (("1", "10"), ("1100m", "11"))
    )

    assert not is_alike(before, after, 0.001)


def test_at_first_everything_is_news() -> None:
    assert not is_alike({}, summary(), 0.001)
