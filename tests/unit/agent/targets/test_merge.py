"""What server-side apply makes of an object in the simulated cluster."""

import pytest

from flotilla_agent.targets.merge import aged, applicable, contested, merged
from flotilla_common.objects import Obj, copy_of

MERGED = [
    pytest.param({}, {}, {"a": 1}, {"a": 1}, id="new-field"),
    pytest.param({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}, id="changed-field"),
    pytest.param({"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1}, {"a": 1}, id="dropped-field-goes"),
    pytest.param({"a": 1, "b": 2}, {"a": 1}, {"a": 1}, {"a": 1, "b": 2}, id="field-of-others-stays"),
    pytest.param({"m": {"a": 1, "b": 2}}, {"m": {"a": 1}}, {}, {"m": {"b": 2}}, id="dropped-map-keeps-others-fields"),
    pytest.param({"m": {"a": 1}}, {"m": {"a": 1}}, {}, {}, id="dropped-map-of-ours-goes"),
    pytest.param({"l": [1, 2]}, {"l": [1, 2]}, {"l": [3]}, {"l": [3]}, id="plain-list-is-replaced"),
    pytest.param(
        {"l": [{"name": "a", "x": 1}, {"name": "b"}]},
        {"l": [{"name": "a", "x": 1}]},
        {"l": [{"name": "a"}]},
        {"l": [{"name": "a"}, {"name": "b"}]},
        id="named-items-are-merged-one-by-one",
    ),
    pytest.param(
        {"l": [{"name": "a"}, {"name": "b"}]},
        {"l": [{"name": "a"}, {"name": "b"}]},
        {"l": [{"name": "b"}]},
        {"l": [{"name": "b"}]},
        id="a-dropped-named-item-goes",
    ),
]

CONTESTED = [
    pytest.param({"a": 1}, {}, {"a": 2}, ["a"], id="set-by-others"),
    pytest.param({"a": 1}, {"a": 1}, {"a": 2}, [], id="set-by-us"),
    pytest.param({"a": 2}, {}, {"a": 2}, [], id="the-same-value"),
    pytest.param({"b": 1}, {}, {"a": 2}, [], id="not-set"),
    pytest.param({"m": {"a": 1}}, {"m": {}}, {"m": {"a": 2}}, ["m.a"], id="nested"),
]


@pytest.mark.parametrize(("live", "last", "desired", "expected"), MERGED)
def test_merged(live: Obj, last: Obj, desired: Obj, expected: Obj) -> None:
    before = copy_of(live)

    assert merged(live, last, desired) == expected
    assert live == before


@pytest.mark.parametrize(("live", "last", "desired", "expected"), CONTESTED)
def test_contested(live: Obj, last: Obj, desired: Obj, expected: list[str]) -> None:
    assert contested(live, last, desired) == expected


def test_only_more_than_metadata_makes_a_new_generation() -> None:
    live = {"metadata": {"name": "a", "uid": "u", "generation": 3}, "spec": {"x": 1}, "status": {"ok": True}}
    labelled = {"metadata": {"name": "a", "labels": {"l": "1"}}, "spec": {"x": 1}}

    assert aged(live, labelled) == {
        "metadata": {"name": "a", "labels": {"l": "1"}, "uid": "u", "generation": 3},
        "spec": {"x": 1},
        "status": {"ok": True},
    }
    assert aged(live, {**labelled, "spec": {"x": 2}})["metadata"]["generation"] == 4


def test_what_the_server_writes_cannot_be_applied() -> None:
    manifest = {"metadata": {"name": "a", "uid": "u", "resourceVersion": "1"}, "status": {"ok": True}, "data": {}}

    assert applicable(manifest) == {"metadata": {"name": "a"}, "data": {}}
