"""When two spellings of an object are the same to us, and when somebody has touched it."""

import pytest

from flotilla_agent.engine.difference import difference, fingerprint
from flotilla_common.objects import Obj

SAME = [
    pytest.param({"a": 1}, {"a": 1, "b": 2}, id="what-only-live-has"),
    pytest.param({"a": {"x": 1}}, {"a": {"x": 1, "y": 2}}, id="nested"),
    pytest.param({"a": {}, "b": [], "c": None}, {}, id="empty-is-absent"),
    pytest.param({"l": [{"name": "a"}]}, {"l": [{"name": "b"}, {"name": "a", "x": 1}]}, id="others-items-in-any-order"),
    pytest.param({"l": [{"port": 80}]}, {"l": [{"port": 80, "protocol": "TCP"}]}, id="defaults-in-items"),
    pytest.param({"l": [{"port": 1, "name": "a"}]}, {"l": [{"port": 1, "name": "a"}]}, id="the-very-same"),
    pytest.param({"status": {"ready": 1}}, {"status": {"ready": 2}}, id="a-status-in-a-manifest-is-nothing"),
]

DIFFERENT = [
    pytest.param({"a": 1}, {"a": 2}, {"a": 2}, id="a-value"),
    pytest.param({"a": 1}, {}, {"a": {"$absent": True}}, id="a-missing-field"),
    pytest.param({"a": "1000m"}, {"a": "1"}, {"a": "1"}, id="another-spelling"),
    pytest.param({"l": ["a", "b"]}, {"l": ["b", "a"]}, {"l": {"0": "b", "1": "a"}}, id="the-order-of-plain-items"),
    pytest.param({"l": ["a"]}, {"l": ["a", "b"]}, {"l": ["a", "b"]}, id="one-more-plain-item"),
    pytest.param(
        {"l": [{"name": "a", "x": 1}]}, {"l": [{"name": "a", "x": 2}]}, {"l": {"a": {"x": 2}}}, id="in-a-named-item"
    ),
    pytest.param(
        {"l": [{"name": "a"}]}, {"l": [{"name": "b"}]}, {"l": {"a": {"$absent": True}}}, id="a-missing-named-item"
    ),
    pytest.param({"a": {"x": 1}}, {"a": 3}, {"a": 3}, id="another-type"),
    pytest.param({"a": False}, {}, {"a": {"$absent": True}}, id="false-is-not-absent"),
]


@pytest.mark.parametrize(("desired", "live"), SAME)
def test_same(desired: Obj, live: Obj) -> None:
    assert difference(desired, live) == {}


@pytest.mark.parametrize(("desired", "live", "expected"), DIFFERENT)
def test_different(desired: Obj, live: Obj, expected: Obj) -> None:
    assert difference(desired, live) == expected


def test_what_the_cluster_respells_is_one_fingerprint_until_touched() -> None:
    desired = {"cpu": "1000m", "image": "a"}

    stored = fingerprint(desired, {"cpu": "1", "image": "a"})

    assert fingerprint(desired, {"image": "a", "cpu": "1", "more": True}) == stored
    assert fingerprint(desired, {"cpu": "2", "image": "a"}) != stored
    assert fingerprint(desired, {"cpu": "1", "image": "b"}) != stored
