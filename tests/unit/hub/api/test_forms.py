"""The small pure parts of the API: paths, selectors, Accept headers, stored JSON in another version."""

import pytest

from flotilla_common.errors import TooLarge
from flotilla_common.objects import Obj, decode, encode
from flotilla_hub.api.answers import versioned
from flotilla_hub.api.negotiation import PLAIN, Accepted, accepted
from flotilla_hub.api.paths import Target, parse_path
from flotilla_hub.api.selectors import selection
from flotilla_hub.api.status_errors import Denied, failure

PATHS = [
    pytest.param("/api", Target(""), id="the-core-group"),
    pytest.param("/api/v1", Target("", "v1"), id="a-version"),
    pytest.param("/apis/apps", Target("apps"), id="a-group"),
    pytest.param("/api/v1/namespaces", Target("", "v1", "namespaces"), id="all-namespaces"),
    pytest.param("/api/v1/namespaces/a", Target("", "v1", "namespaces", "", "a"), id="a-namespace"),
    pytest.param("/api/v1/namespaces/a/status", Target("", "v1", "namespaces", "", "a", "status"), id="its-status"),
    pytest.param("/api/v1/namespaces/a/pods", Target("", "v1", "pods", "a"), id="what-is-in-it"),
    pytest.param("/api/v1/namespaces/a/pods/b/log", Target("", "v1", "pods", "a", "b", "log"), id="a-subresource"),
    pytest.param("/apis/apps/v1/deployments", Target("apps", "v1", "deployments"), id="in-all-namespaces"),
    pytest.param("/apis/g/v1/clusters/c/status", Target("g", "v1", "clusters", "", "c", "status"), id="cluster-scoped"),
    pytest.param("/apis", None, id="all-groups-is-no-target"),
    pytest.param("/livez", None, id="a-probe-is-no-target"),
    pytest.param("/apis/g/v1/a/b/c/d", None, id="too-deep"),
]


@pytest.mark.parametrize(("path", "expected"), PATHS)
def test_a_path_names_a_target(path: str, expected: Target | None) -> None:
    assert parse_path(path) == expected


LABELS = {"app": "web", "tier": "front", "canary": ""}
LABEL_SELECTORS = [
    pytest.param("", True, id="nothing-selects-all"),
    pytest.param("app=web", True, id="equal"),
    pytest.param("app==web,tier!=back", True, id="double-equal-and-not-equal"),
    pytest.param("app = web , tier = front", True, id="with-spaces"),
    pytest.param("app=api", False, id="another-value"),
    pytest.param("canary=", True, id="an-empty-value"),
    pytest.param("app in (api, web)", True, id="in"),
    pytest.param("app in (api)", False, id="not-in-the-set"),
    pytest.param("app notin (api),zone notin (a)", True, id="notin-holds-for-a-missing-label"),
    pytest.param("zone!=a", True, id="not-equal-holds-for-a-missing-label"),
    pytest.param("canary,!zone", True, id="exists-and-not"),
    pytest.param("!app", False, id="exists-against-not"),
    pytest.param("example.com/part=x", False, id="a-key-with-a-prefix"),
]


@pytest.mark.parametrize(("text", "expected"), LABEL_SELECTORS)
def test_label_selectors_select(text: str, expected: bool) -> None:
    obj: Obj = {"metadata": {"labels": LABELS}}
    assert selection(text, "").matches("", "it", encode(obj), lambda: obj) is expected


@pytest.mark.parametrize("text", ["a in b", "a=b=c", ",", "a in (b", "(a)", "a>1", "a=-", "a=b,", "!a,"])
def test_an_unreadable_label_selector_is_refused(text: str) -> None:
    with pytest.raises(Denied, match="unable to parse requirement"):
        selection(text, "")


ACCEPTED = [
    pytest.param("", PLAIN, id="nothing"),
    pytest.param("*/*", PLAIN, id="anything"),
    pytest.param("application/vnd.kubernetes.protobuf,application/json", PLAIN, id="json-after-protobuf"),
    pytest.param(
        "application/json;as=Table;v=v1;g=meta.k8s.io,application/json", Accepted("Table", "v1"), id="a-table"
    ),
    pytest.param(
        "application/json;as=Table;g=meta.k8s.io;v=v1beta1", Accepted("Table", "v1beta1"), id="an-older-table"
    ),
    pytest.param(
        "application/json;as=Chair;v=v1;g=meta.k8s.io,application/json", PLAIN, id="an-unknown-form-then-json"
    ),
]


@pytest.mark.parametrize(("header", "expected"), ACCEPTED)
def test_the_first_form_we_speak_is_answered(header: str, expected: Accepted) -> None:
    assert accepted(header) == expected


def test_protobuf_alone_is_not_acceptable() -> None:
    with pytest.raises(Denied, match="only the following media types"):
        accepted("application/vnd.kubernetes.protobuf")


VERSIONS = [
    pytest.param("g/v1", id="the-same"),
    pytest.param("g/v1beta1", id="a-longer-one"),
    pytest.param("g/v", id="a-shorter-one"),
]


@pytest.mark.parametrize("wanted", VERSIONS)
def test_stored_json_is_spliced_into_another_version(wanted: str) -> None:
    stored = {"apiVersion": "g/v1", "kind": "K", "metadata": {"name": "apiVersion"}}
    assert decode(versioned(encode(stored), wanted)) == {**stored, "apiVersion": wanted}


def test_what_is_too_large_is_so_in_the_words_of_http() -> None:
    told = failure(TooLarge('configmaps "it" is too large'))
    assert (told["code"], told["reason"]) == (413, "RequestEntityTooLarge")
