"""The sums per node are what a fresh count would give, whatever came, changed and went before."""

from hypothesis import given
from hypothesis import strategies as st

from flotilla_agent.estimate.nodes import PODS, Key, Node, NodeBook
from flotilla_common.objects import Obj
from tests.unit.agent.estimate.samples import book, node, pod

NODES = st.sampled_from(("n1", "n2", "n3"))
NAMES = st.sampled_from(("a", "b", "c", "d"))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put_node"), NODES, st.sampled_from(("2", "4"))),
        st.tuples(st.just("drop_node"), NODES, st.just("")),
        st.tuples(st.just("put_pod"), NAMES, st.sampled_from(("n1 1", "n2 1", "n2 500m", "n4 1", " 1"))),
        st.tuples(st.just("drop_pod"), NAMES, st.just("")),
    ),
    max_size=30,
)


def told(steps: list[tuple[str, str, str]]) -> tuple[NodeBook, dict[Key, Obj], dict[Key, Obj]]:
    """A book that saw every step, and the nodes and pods there are in the end."""
    seen, nodes, pods = NodeBook(), dict[Key, Obj](), dict[Key, Obj]()
    for verb, name, detail in steps:
        key = ("" if "node" in verb else "default", name)
        held = nodes if "node" in verb else pods
        if verb.startswith("drop"):
            held.pop(key, None)
            (seen.drop_node if "node" in verb else seen.drop_pod)(key)
        elif "node" in verb:
            nodes[key] = node(name, cpu=detail)
            seen.put_node(key, nodes[key])
        else:
            on, cpu = detail.split(" ")
            pods[key] = pod(name, on, cpu=cpu)
            seen.put_pod(key, pods[key])
    return seen, nodes, pods


def free(node: Node) -> tuple[str, int, int]:
    return node.name, node.free("cpu"), node.free(PODS)


@given(STEPS)
def test_the_sums_are_those_of_a_fresh_count(steps: list[tuple[str, str, str]]) -> None:
    seen, nodes, pods = told(steps)
    fresh = book(nodes.values(), pods.values())
    assert list(map(free, seen.nodes())) == list(map(free, fresh.nodes()))


@given(STEPS)
def test_being_told_the_same_again_changes_nothing(steps: list[tuple[str, str, str]]) -> None:
    seen, nodes, pods = told(steps)
    seen.answers["what"] = 42
    for key, obj in nodes.items():
        seen.put_node(key, obj)
    for key, obj in pods.items():
        seen.put_pod(key, obj)
    assert seen.answers == {"what": 42}


def test_an_answer_is_forgotten_when_something_changes() -> None:
    there = book([node("n1")])
    there.answers["what"] = 42
    there.put_pod(("default", "a"), pod("a", "n1"))
    assert there.answers == {}
