"""What differs between two manifests, and that nothing of a Secret is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.answers.diff import HIDDEN, difference

ABSENT = object()


def told(before: Obj, after: Obj) -> list[tuple[str, Any, Any]]:
    return [
        (c.path, ABSENT if c.is_addition else c.before, ABSENT if c.is_removal else c.after)
        for c in difference(before, after)
    ]


def containers(*items: Obj) -> Obj:
    return {"spec": {"containers": list(items)}}


APP, SIDE = {"name": "app", "image": "a:1"}, {"name": "side", "image": "s:1"}
CHANGED = {"name": "app", "image": "a:2"}

DIFFERENCES = [
    pytest.param({"a": 1}, {"a": 1}, [], id="equal"),
    pytest.param({"a": {"b": 1}}, {"a": {"b": 2}}, [("a.b", 1, 2)], id="a-field-inside"),
    pytest.param({"a": 1}, {"a": 1, "b": None}, [("b", ABSENT, None)], id="a-null-that-was-absent"),
    pytest.param({"a": 1, "b": 2}, {"a": 1}, [("b", 2, ABSENT)], id="a-field-gone"),
    pytest.param({"a": 1}, {"a": True}, [("a", 1, True)], id="true-is-not-one"),
    pytest.param({"a": [1]}, {"a": [True]}, [("a", [1], [True])], id="nor-inside-a-list"),
    pytest.param({"a": []}, {"a": {}}, [("a", [], {})], id="another-shape"),
    pytest.param({"a": ["x", "y"]}, {"a": ["x"]}, [("a", ["x", "y"], ["x"])], id="plain-lists-as-a-whole"),
    pytest.param({"x/y": 1}, {"x/y": 2}, [("[x/y]", 1, 2)], id="odd-keys-in-brackets"),
    pytest.param(
        containers(APP, SIDE),
        containers(CHANGED, SIDE),
        [("spec.containers[app].image", "a:1", "a:2")],
        id="containers-by-name",
    ),
    pytest.param(
        containers(SIDE), containers(APP, SIDE), [("spec.containers[app]", ABSENT, APP)], id="a-container-more-in-front"
    ),
    pytest.param(
        containers(APP, SIDE),
        containers(SIDE, APP),
        [("spec.containers (order)", ["app", "side"], ["side", "app"])],
        id="another-order",
    ),
    pytest.param(
        {"rules": [{"port": 1}, {"port": 2}]},
        {"rules": [{"port": 1}, {"port": 3}]},
        [("rules[1].port", 2, 3)],
        id="nameless-maps-by-place",
    ),
    pytest.param({"r": [{"p": 1}]}, {"r": []}, [("r", [{"p": 1}], [])], id="nameless-maps-of-other-number-as-a-whole"),
]


@pytest.mark.parametrize(("before", "after", "expected"), DIFFERENCES)
def test_it_tells(before: Obj, after: Obj, expected: list[tuple[str, Any, Any]]) -> None:
    assert told(before, after) == expected


SECRET: Obj = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"key": "b2xk"}}
SECRETS = [
    pytest.param({**SECRET, "data": {"key": "bmV3"}}, [("data.key", HIDDEN, HIDDEN)], id="changed"),
    pytest.param(
        {**SECRET, "data": {"key": "b2xk", "tls.crt": "eA=="}}, [("data[tls.crt]", ABSENT, HIDDEN)], id="one-more"
    ),
    pytest.param({**SECRET, "data": {}}, [("data.key", HIDDEN, ABSENT)], id="one-less"),
    pytest.param({**SECRET, "stringData": {"key": "new"}}, [("stringData", ABSENT, HIDDEN)], id="in-plain-text"),
    pytest.param({**SECRET, "type": "Opaque"}, [("type", ABSENT, "Opaque")], id="the-rest-is-told"),
]


@pytest.mark.parametrize(("after", "expected"), SECRETS)
def test_of_secrets_it_tells_only_that(after: Obj, expected: list[tuple[str, Any, Any]]) -> None:
    assert told(SECRET, after) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "name", "x.y"]), inner, max_size=3)
    ),
    max_leaves=12,
)
MANIFESTS = st.dictionaries(st.sampled_from(["a", "b", "name"]), JSON, max_size=3)


def same(a: Any, b: Any) -> bool:
    """As JSON has it: Python takes True for 1."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and bool(a == b)


@given(MANIFESTS, MANIFESTS)
def test_nothing_is_told_exactly_of_equals(before: Obj, after: Obj) -> None:
    kept = copy_of(before)
    assert (difference(before, after) == ()) == same(before, after)
    assert same(before, kept)
