"""How many pods, and how many whole sets of pods, fit beside what runs."""

import pytest

from flotilla_agent.estimate.nodes import NodeBook
from flotilla_agent.estimate.room import UNBOUNDED, max_replicas, max_sets
from flotilla_common.objects import Obj
from tests.unit.agent.estimate.samples import book, node, pod, wanted

EMPTY = node("n1")
TWO = [node("n1"), node("n2", cpu="2")]
TAINT = {"key": "gpu", "effect": "NoSchedule"}

REPLICAS = [
    pytest.param(book([]), wanted(cpu="1"), 0, id="no-node-no-room"),
    pytest.param(book([EMPTY]), wanted(), 10, id="without-a-request-pods-count"),
    pytest.param(book([EMPTY]), None, 10, id="nor-without-requirements"),
    pytest.param(book([EMPTY]), wanted(cpu="1500m"), 2, id="whole-pods-only"),
    pytest.param(book([EMPTY]), wanted(cpu="100m", memory="3Gi"), 2, id="the-scarcest-resource-counts"),
    pytest.param(book([EMPTY]), wanted(cpu="1m"), 10, id="never-more-than-the-kubelet-takes"),
    pytest.param(book([EMPTY]), wanted(**{"example.com/gpu": "1"}), 0, id="a-resource-no-node-has"),
    pytest.param(
        book([node(allocatable={"example.com/gpu": "2"})]), wanted(**{"example.com/gpu": "1"}), 2, id="one-that-it-has"
    ),
    pytest.param(book(TWO), wanted(cpu="3"), 1, id="no-pod-lies-across-two-nodes"),
    pytest.param(book(TWO, [pod("a", "n1", cpu="3")]), wanted(cpu="1"), 3, id="what-runs-is-taken-off"),
    pytest.param(book(TWO, [pod("a", "n1", cpu="9")]), wanted(cpu="1"), 2, id="too-much-on-one-takes-none-off-another"),
    pytest.param(book(TWO, [pod("a")]), wanted(cpu="1"), 6, id="what-waits-takes-nothing"),
    pytest.param(book(TWO, [pod("a", "gone")]), wanted(cpu="1"), 6, id="nor-what-runs-on-a-node-that-is-gone"),
    pytest.param(book([node(pods="1")], [pod("a", "n1")]), wanted(cpu="1"), 0, id="a-node-with-no-pod-left"),
    pytest.param(book([EMPTY, node("n2", taints=[TAINT])]), wanted(cpu="1"), 4, id="nodes-that-do-not-take-it"),
    pytest.param(
        book([EMPTY, node("n2", taints=[TAINT])]),
        wanted({"tolerations": [{"key": "gpu", "operator": "Exists"}]}, cpu="1"),
        8,
        id="and-that-do",
    ),
]


@pytest.mark.parametrize(("there", "requirements", "fits"), REPLICAS)
def test_how_many_pods_fit(there: NodeBook, requirements: Obj | None, fits: int) -> None:
    assert max_replicas(there.nodes(), requirements) == fits


def component(replicas: int, **request: str) -> Obj:
    return {"name": "c", "replicas": replicas, "replicaRequirements": wanted(**request)}


SETS = [
    pytest.param(book([EMPTY]), [component(1, cpu="1"), component(2, cpu="500m")], 2, id="all-of-a-set-must-fit"),
    pytest.param(book(TWO), [component(2, cpu="2")], 1, id="a-set-may-lie-across-nodes"),
    pytest.param(book(TWO), [component(1, cpu="3"), component(1, cpu="2")], 1, id="each-pod-on-one-node"),
    pytest.param(book([EMPTY]), [component(3)], 3, id="without-a-request-pods-count"),
    pytest.param(book([]), [component(1)], 0, id="no-node-no-set"),
    pytest.param(book([]), [component(0, cpu="1")], UNBOUNDED, id="nothing-fits-anywhere-any-number-of-times"),
    pytest.param(book([EMPTY]), [], UNBOUNDED, id="as-does-no-component"),
    pytest.param(
        book([node("n1", cpu="1"), node("n2", cpu="8", pods="99")]),
        [component(1, cpu="2"), component(1, cpu="500m")],
        3,
        id="a-small-component-goes-first-where-the-large-one-cannot",
    ),
    pytest.param(book(TWO, [pod("a", "n1", cpu="2")]), [component(2, cpu="1")], 2, id="what-runs-is-taken-off"),
]


@pytest.mark.parametrize(("there", "components", "fits"), SETS)
def test_how_many_sets_fit(there: NodeBook, components: list[Obj], fits: int) -> None:
    assert max_sets(there.nodes(), components) == fits
