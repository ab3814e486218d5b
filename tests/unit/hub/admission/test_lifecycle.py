"""What the server writes into an object over its life."""

from copy import deepcopy
from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.admission.lifecycle import created, deletion, is_gone, updated

NOW = "2030-01-31T12:00:00Z"
SERVER = {"uid": "u", "creationTimestamp": "2029-01-01T00:00:00Z", "generation": 3}


def stored(spec: Any = 1, status: Any = None, **metadata: Any) -> Obj:
    body = {"kind": "Thing", "metadata": {"name": "it", **SERVER, "resourceVersion": "7", **metadata}, "spec": spec}
    return body if status is None else {**body, "status": status}


def test_what_is_created_owes_nothing_to_what_was_sent() -> None:
    sent = {"metadata": {"name": "it", "uid": "x", "generation": 9, "resourceVersion": "1", "deletionTimestamp": NOW}}
    before = deepcopy(sent)
    assert created(sent, NOW, "u") == {
        "metadata": {"name": "it", "uid": "u", "creationTimestamp": NOW, "generation": 1}
    }
    assert sent == before


UPDATES = [
    pytest.param(stored(), {"metadata": {"name": "it"}, "spec": 1}, {}, 3, id="no-change-keeps-the-generation"),
    pytest.param(stored(), {"metadata": {"name": "it"}, "spec": 2}, {}, 4, id="a-new-spec-raises-it"),
    pytest.param(stored(), {"metadata": {"name": "it", "labels": {}}, "spec": 1}, {}, 3, id="labels-do-not"),
    pytest.param(stored(), {"metadata": {"name": "it"}, "spec": 1, "status": 5}, {}, 3, id="status-does-not"),
    pytest.param(stored(), {"metadata": {"name": "it"}, "spec": 1, "data": {}}, {}, 4, id="any-other-section-does"),
    pytest.param(stored(), {"metadata": {"name": "it", "generation": 99}, "spec": 1}, {}, 3, id="nobody-sets-it"),
    pytest.param(
        stored(), {"metadata": {}, "spec": 2, "status": 1}, {"status_only": True}, 3, id="status-only-is-no-spec"
    ),
]


@pytest.mark.parametrize(("old", "new", "how", "generation"), UPDATES)
def test_the_generation_counts_changes_of_what_is_wanted(old: Obj, new: Obj, how: Any, generation: int) -> None:
    before = deepcopy((old, new))
    assert updated(old, new, **how)["metadata"]["generation"] == generation
    assert (old, new) == before


STATUSES = [
    pytest.param({}, {"a": 1}, id="taken-with-the-rest"),
    pytest.param({"keep_status": True}, {"old": 1}, id="kept-by-the-main-resource"),
    pytest.param({"status_only": True}, {"a": 1}, id="taken-by-the-subresource"),
]


@pytest.mark.parametrize(("how", "expected"), STATUSES)
def test_status_is(how: Any, expected: Obj) -> None:
    assert updated(stored(status={"old": 1}), stored(2, status={"a": 1}), **how)["status"] == expected


def test_a_status_update_changes_nothing_else() -> None:
    old, new = stored(status={"old": 1}), stored(2, status={"a": 1}, labels={"x": "y"})
    assert updated(old, new, status_only=True) == stored(status={"a": 1})


def test_a_version_the_writer_read_is_compared_with() -> None:
    versions = [updated(stored(), stored(resourceVersion=v))["metadata"]["resourceVersion"] for v in ("5", None)]
    assert versions == ["5", "7"]


def test_nothing_holds_an_object_without_finalizers() -> None:
    assert deletion(stored(), NOW) is None


HELD = [
    pytest.param(stored(finalizers=["a/b"]), id="a-finalizer"),
    pytest.param({**stored({"finalizers": ["kubernetes"]}), "kind": "Namespace"}, id="what-is-in-a-namespace"),
]


@pytest.mark.parametrize("obj", HELD)
def test_a_held_object_is_marked_once(obj: Obj) -> None:
    marked = deletion(obj, NOW)
    assert marked is not None
    assert marked["metadata"]["deletionTimestamp"] == NOW
    assert (deletion(marked, "later"), is_gone(marked), is_gone(obj)) == (marked, False, False)


def test_an_object_is_gone_with_its_last_finalizer() -> None:
    assert is_gone(stored(deletionTimestamp=NOW, finalizers=[]))


def test_a_namespace_being_deleted_says_so() -> None:
    marked = deletion({**stored({"finalizers": ["kubernetes"]}), "kind": "Namespace"}, NOW)
    assert marked is not None
    assert marked["status"] == {"phase": "Terminating"}
