"""Patches: merge, JSON and strategic, each against what Kubernetes or its standard says."""

from copy import deepcopy
from typing import Any

import pytest

from flotilla_common.errors import Invalid
from flotilla_common.objects import GVK
from flotilla_hub.admission.patching import JSON, MERGE, STRATEGIC, patched
from flotilla_hub.resources.schemas import schema_of

# The examples of RFC 7386, Appendix A, whose patch is an object.
MERGES = [
    pytest.param({"a": "b"}, {"a": "c"}, {"a": "c"}, id="replaces"),
    pytest.param({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}, id="adds"),
    pytest.param({"a": "b"}, {"a": None}, {}, id="null-removes"),
    pytest.param({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}, id="null-removes-no-other"),
    pytest.param({"a": ["b"]}, {"a": "c"}, {"a": "c"}, id="a-value-replaces-a-list"),
    pytest.param({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}, id="a-list-replaces-a-value"),
    pytest.param({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}, id="maps-merge"),
    pytest.param({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}, id="lists-do-not"),
    pytest.param({"e": None}, {"a": 1}, {"e": None, "a": 1}, id="a-null-that-is-there-stays"),
    pytest.param({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}, id="a-null-in-what-is-new-is-left-out"),
]


@pytest.mark.parametrize(("obj", "patch", "expected"), MERGES)
def test_a_merge_patch(obj: Any, patch: Any, expected: Any) -> None:
    before = deepcopy((obj, patch))
    assert patched(obj, patch, MERGE, None) == expected
    assert (obj, patch) == before


def containers(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": list(items), **more}}}}


A, B = {"name": "a", "image": "x"}, {"name": "b", "image": "y"}
STRATEGICS = [
    pytest.param(
        containers(A, B), containers({"name": "b", "image": "z"}), containers(A, {**B, "image": "z"}), id="by-name"
    ),
    pytest.param(containers(A), containers(B), containers(A, B), id="a-new-name-is-appended"),
    pytest.param(
        containers(A, B), containers({"name": "a", "$patch": "delete"}), containers(B), id="an-item-is-deleted"
    ),
    pytest.param(containers(A, B), containers({"$patch": "replace"}, B), containers(B), id="a-list-is-replaced"),
    pytest.param(
        containers({**A, "args": ["1"]}),
        containers({"name": "a", "args": ["2"]}),
        containers({**A, "args": ["2"]}),
        id="plain-lists",
    ),
    pytest.param(
        containers(A, B),
        {"spec": {"template": {"spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}}}},
        containers(B, A),
        id="items-are-put-in-order",
    ),
    pytest.param(
        {"metadata": {"finalizers": ["a", "b"]}},
        {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}},
        {"metadata": {"finalizers": ["b"]}},
        id="a-plain-item-is-deleted",
    ),
    pytest.param(
        {"metadata": {"finalizers": ["a"]}},
        {"metadata": {"finalizers": ["a", "b"]}},
        {"metadata": {"finalizers": ["a", "b"]}},
        id="plain-items-are-joined",
    ),
    pytest.param(
        {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}},
        {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
        {"spec": {"strategy": {"type": "Recreate"}}},
        id="only-some-keys-are-retained",
    ),
    pytest.param(
        {"spec": {"a": 1}}, {"spec": {"$patch": "replace", "b": 2}}, {"spec": {"b": 2}}, id="a-map-is-replaced"
    ),
    pytest.param({"spec": {"a": 1}}, {"spec": {"$patch": "delete"}}, {"spec": {}}, id="a-map-is-emptied"),
    pytest.param({"spec": {"replicas": 1}}, {"spec": {"replicas": None}}, {"spec": {}}, id="null-removes-a-field"),
]


@pytest.mark.parametrize(("obj", "patch", "expected"), STRATEGICS)
def test_a_strategic_merge_patch(obj: Any, patch: Any, expected: Any) -> None:
    before = deepcopy((obj, patch))
    assert patched(obj, patch, STRATEGIC, schema_of(GVK("apps", "v1", "Deployment"))) == expected
    assert (obj, patch) == before


BAD = [
    pytest.param([], MERGE, "must be a JSON object", id="a-list-to-merge"),
    pytest.param({}, JSON, "must be a list of operations", id="an-object-of-operations"),
    pytest.param([{"op": "test", "path": "/a", "value": 2}], JSON, "rejected our request", id="a-test-that-fails"),
    pytest.param([{"op": "remove", "path": "/b"}], JSON, "rejected our request", id="a-path-that-is-not-there"),
    pytest.param([{"op": "jump", "path": "/a"}], JSON, "rejected our request", id="an-unknown-operation"),
    pytest.param(["remove"], JSON, "rejected our request", id="no-operation"),
    pytest.param({"$patch": "burn"}, STRATEGIC, "unknown directive 'burn'", id="an-unknown-directive"),
    pytest.param(containers({"image": "z"}), STRATEGIC, "merge key 'name' is missing", id="an-item-without-its-key"),
]


@pytest.mark.parametrize(("patch", "media_type", "why"), BAD)
def test_a_patch_that_does_not_fit_is_refused(patch: Any, media_type: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        patched({"a": 1}, patch, media_type, schema_of(GVK("apps", "v1", "Deployment")))
