"""What an event tells of, as the controllers ask: each row is an object before and after."""

from typing import Any

import pytest

from flotilla_common.objects import Obj, encode
from flotilla_hub.controllers.changes import (
    changed_beyond_status,
    changed_for_members,
    cluster_change,
    is_write_of,
    placement_may_change,
    targets_changed,
)
from flotilla_hub.store.objects import Event, Record
from flotilla_hub.store.port import Key

KEY = Key("things", "default", "it")
MARKS: dict[str, Any] = {
    "labels": {"propagationpolicy.karmada.io/permanent-id": "id"},
    "annotations": {"propagationpolicy.karmada.io/name": "p", "propagationpolicy.karmada.io/namespace": "default"},
}


def obj(status: Any = None, spec: Any = None, **metadata: Any) -> Obj:
    return {"metadata": {"name": "it", **metadata}, "spec": spec or {}, **({"status": status} if status else {})}


def event(before: Obj | None, after: Obj) -> Event:
    def record(revision: int, held: Obj) -> Record:
        return Record.of(KEY, revision, encode(held))

    return Event("MODIFIED" if before else "ADDED", record(2, after), record(1, before) if before else None)


TEMPLATES = [
    pytest.param(None, obj(), (True, True), id="new"),
    pytest.param(obj(), obj({"a": 1}), (False, False), id="only-its-status"),
    pytest.param(obj(), obj(**MARKS), (True, False), id="it-was-claimed"),
    pytest.param(obj(**MARKS), obj(), (True, False), id="it-was-let-go"),
    pytest.param(obj(), obj(**{**MARKS, "labels": {**MARKS["labels"], "a": "b"}}), (True, True), id="claimed-and-more"),
    pytest.param(obj(**MARKS), obj(spec={"a": 1}, **MARKS), (True, True), id="its-spec"),
    pytest.param(obj(generation=1), obj(generation=2), (True, True), id="its-generation"),
    pytest.param(obj(labels={"a": "b"}), obj(labels={"a": "c"}), (True, True), id="a-label-of-the-users"),
    pytest.param(obj(), obj(managedFields=[{}]), (False, False), id="who-wrote-what"),
]


@pytest.mark.parametrize(("before", "after", "wanted"), TEMPLATES)
def test_a_template_changed_for_the_detector_and_for_members(
    before: Obj | None, after: Obj, wanted: tuple[bool, bool]
) -> None:
    told = event(before, after)
    assert (changed_beyond_status(told), changed_for_members(told)) == wanted


WRITES = [
    pytest.param(obj(), obj(), True, id="just-that"),
    pytest.param(obj(), obj(resourceVersion="7"), True, id="read-at-another-version"),
    pytest.param(obj(), obj(labels={"a": "b"}), False, id="somebody-elses"),
]


@pytest.mark.parametrize(("seen", "written", "wanted"), WRITES)
def test_an_event_shows_what_was_written(seen: Obj, written: Obj, wanted: bool) -> None:
    assert is_write_of(event(None, seen), written) == wanted


def binding(*names: str, **spec: Any) -> Obj:
    return obj(spec={"clusters": [{"name": name} for name in names], **spec})


LEAVING = {"gracefulEvictionTasks": [{"fromCluster": "m1"}]}
BINDINGS = [
    pytest.param(None, binding(), False, id="a-new-one-without-a-place"),
    pytest.param(None, binding("m1"), True, id="a-new-one-with-a-place"),
    pytest.param(binding("m1"), binding("m1", "m2"), True, id="one-place-more"),
    pytest.param(binding("m1"), binding("m1", replicas=3), False, id="the-same-places"),
    pytest.param(binding("m1"), binding(**LEAVING), False, id="it-leaves-gently"),
]


@pytest.mark.parametrize(("before", "after", "wanted"), BINDINGS)
def test_the_clusters_a_binding_is_told_of_change(before: Obj | None, after: Obj, wanted: bool) -> None:
    assert targets_changed(event(before, after)) == wanted


CLUSTERS = [
    pytest.param(None, obj(), True, id="it-joined"),
    pytest.param(obj(), obj({"resourceSummary": {"allocated": {}}}), False, id="its-free-resources"),
    pytest.param(obj(), obj({"conditions": [{"type": "Ready", "status": "False"}]}), False, id="a-condition"),
    pytest.param(obj(), obj(spec={"taints": [{"key": "k", "effect": "NoSchedule"}]}), True, id="a-taint"),
    pytest.param(obj(), obj(labels={"a": "b"}), True, id="a-label"),
    pytest.param(obj(), obj({"apiEnablements": [{"groupVersion": "v1"}]}), True, id="what-it-serves"),
    pytest.param(obj(), obj(deletionTimestamp="now"), True, id="it-is-leaving"),
]


@pytest.mark.parametrize(("before", "after", "wanted"), CLUSTERS)
def test_a_cluster_changed_for_whoever_places(before: Obj | None, after: Obj, wanted: bool) -> None:
    assert placement_may_change(event(before, after)) == wanted


def test_a_cluster_is_read_before_and_after() -> None:
    before, after = cluster_change(event(obj(labels={"a": "1"}), obj(spec={"taints": [{}]})))
    assert before is not None and before.labels == {"a": "1"}
    assert after is None, "nobody can read that taint"
    assert cluster_change(event(None, obj())._replace(type="DELETED")) == (None, None)
