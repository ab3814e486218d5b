"""The patch `apply` sends, from what was applied last, what is there, and what is wanted; and kubectl's annotation."""

import json

import pytest

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.admission.patching import merge_patched
from flotilla_hub.client.applying import merge_patch, with_last_applied
from flotilla_hub.labels import LAST_APPLIED


def obj(**spec: object) -> Obj:
    return {"apiVersion": "v1", "kind": "X", "metadata": {"name": "x"}, "spec": spec}


def on_server(applied: Obj, **found: object) -> Obj:
    """What the server holds after `applied`, with `found` added to its spec by others."""
    held = with_last_applied(applied)
    held["metadata"] |= {"resourceVersion": "7", "uid": "u"}
    held["spec"] |= found
    return held


NOTHING = [
    pytest.param(obj(a=1), {}, obj(a=1), id="the-same-again"),
    pytest.param(obj(a=1, b=2), {}, obj(b=2, a=1), id="in-another-order"),
    pytest.param(obj(a=1), {"b": 2}, obj(a=1), id="somebody-else-added-something"),
    pytest.param(obj(a={}), {}, obj(a={}), id="an-empty-map-is-a-value"),
    pytest.param(obj(a=None), {}, obj(a=None), id="null-means-not-there"),
]


@pytest.mark.parametrize(("before", "found", "now"), NOTHING)
def test_nothing_is_sent(before: Obj, found: Obj, now: Obj) -> None:
    held = on_server(before, **found)
    held["spec"] = {key: value for key, value in held["spec"].items() if value is not None}
    assert merge_patch(held, now) == {}


CHANGES = [
    pytest.param(obj(a=1), {}, obj(a=2), {"a": 2}, id="a-changed-value-is-set"),
    pytest.param(obj(a=1), {}, obj(a=1, b=2), {"b": 2}, id="a-new-value-is-set"),
    pytest.param(obj(a=1, b=2), {}, obj(a=1), {"b": None}, id="what-is-not-named-any-more-goes"),
    pytest.param(obj(a=1), {"b": 2}, obj(a=3), {"a": 3}, id="what-others-set-stays"),
    pytest.param(obj(a=1), {"a": 9}, obj(a=1), {"a": 1}, id="what-others-changed-is-set-back"),
    pytest.param(obj(l=[1, 2]), {}, obj(l=[1]), {"l": [1]}, id="lists-are-replaced"),
    pytest.param(obj(m={"a": 1, "b": 2}), {}, obj(m={"a": 1}), {"m": {"b": None}}, id="maps-are-merged"),
    pytest.param(obj(m={"a": 1}), {}, obj(m=1), {"m": 1}, id="a-map-becomes-a-value"),
]


@pytest.mark.parametrize(("before", "found", "now", "spec"), CHANGES)
def test_the_difference_is_sent(before: Obj, found: Obj, now: Obj, spec: Obj) -> None:
    held = on_server(before, **found)
    patch = merge_patch(held, now)
    assert patch["spec"] == spec
    assert merge_patch(merge_patched(held, patch), now) == {}


def test_an_object_applied_for_the_first_time_gets_the_annotation() -> None:
    held = {**obj(a=1), "metadata": {"name": "x", "annotations": {"theirs": "1"}}}
    mark = with_last_applied(obj(a=1))["metadata"]["annotations"][LAST_APPLIED]
    assert merge_patch(held, obj(a=1)) == {"metadata": {"annotations": {LAST_APPLIED: mark}}}


def test_the_annotation_is_the_manifest_and_not_itself() -> None:
    marked = with_last_applied(with_last_applied(obj(a=1)))
    held = json.loads(marked["metadata"]["annotations"][LAST_APPLIED])
    assert held == {**obj(a=1), "metadata": {"name": "x", "annotations": {}}}


def test_a_damaged_annotation_is_as_none() -> None:
    held = {**obj(a=1, b=2), "metadata": {"name": "x", "annotations": {LAST_APPLIED: "{"}}}
    assert "spec" not in merge_patch(held, obj(a=1))


def test_status_is_never_sent() -> None:
    assert "status" not in merge_patch(obj(), {**obj(a=1), "status": {"x": 1}})


def test_inputs_stay_as_they_are() -> None:
    held, now = on_server(obj(a=1)), obj(a=2)
    before = copy_of(held), copy_of(now)
    merge_patch(held, now)
    assert (held, now) == before
