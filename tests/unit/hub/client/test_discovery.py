"""What a user may call a kind, and at which path the server has it."""

import pytest

from flotilla_common.errors import Terminal
from flotilla_hub.client.discovery import Served, by_kind, by_word, served_by


def entry(name: str, kind: str, *, namespaced: bool = True, **more: object) -> dict[str, object]:
    return {"name": name, "kind": kind, "namespaced": namespaced, **more}


APPS = served_by(
    "apps/v1",
    [
        entry("deployments", "Deployment", singularName="deployment", shortNames=["deploy"], categories=["all"]),
        entry("deployments/status", "Deployment"),
        entry("statefulsets", "StatefulSet", categories=["all"]),
    ],
)
CORE = served_by("v1", [entry("namespaces", "Namespace", namespaced=False, shortNames=["ns"])])
REPO = entry("repos", "Repo", categories=["all"])
FLUX = [*served_by("source.example/v1", [REPO]), *served_by("source.example/v1beta2", [REPO])]
ALL = [*CORE, *APPS, *FLUX]

WORDS = [
    pytest.param("deployments", ["deployments.apps"], id="plural"),
    pytest.param("deployment", ["deployments.apps"], id="singular"),
    pytest.param("Deployment", ["deployments.apps"], id="kind"),
    pytest.param("deploy", ["deployments.apps"], id="short"),
    pytest.param("deployments.apps", ["deployments.apps"], id="with-its-group"),
    pytest.param("deployments.v1.apps", ["deployments.apps"], id="with-version-and-group"),
    pytest.param("ns", ["namespaces"], id="core"),
    pytest.param(
        "all", ["deployments.apps", "statefulsets.apps", "repos.source.example"], id="category-each-kind-once"
    ),
    pytest.param("nothing", [], id="unknown"),
]


@pytest.mark.parametrize(("word", "resources"), WORDS)
def test_a_word_names(word: str, resources: list[str]) -> None:
    assert [served.resource for served in by_word(ALL, word)] == resources


def test_the_preferred_version_is_the_first() -> None:
    assert [s.gvk.version for s in by_word(ALL, "repos")] == ["v1"]
    assert [s.gvk.version for s in by_word(ALL, "repos.v1beta2.source.example")] == ["v1beta2"]


def test_subresources_are_no_kinds() -> None:
    assert [s.plural for s in APPS] == ["deployments", "statefulsets"]


PATHS = [
    pytest.param(APPS[0], "shop", "web", "/apis/apps/v1/namespaces/shop/deployments/web", id="an-object"),
    pytest.param(APPS[0], "shop", "", "/apis/apps/v1/namespaces/shop/deployments", id="a-namespace"),
    pytest.param(APPS[0], "", "", "/apis/apps/v1/deployments", id="all-namespaces"),
    pytest.param(CORE[0], "shop", "x", "/api/v1/namespaces/x", id="cluster-scope-ignores-namespaces"),
    pytest.param(APPS[0], "shop", "a?b", "/apis/apps/v1/namespaces/shop/deployments/a%3Fb", id="a-name-is-no-query"),
]


@pytest.mark.parametrize(("served", "namespace", "name", "path"), PATHS)
def test_the_path_of(served: Served, namespace: str, name: str, path: str) -> None:
    assert served.path(namespace, name) == path


@pytest.mark.parametrize("name", ["../x", "..", ".", "a/status"])
def test_a_name_is_no_path(name: str) -> None:
    with pytest.raises(Terminal, match="is no name of an object"):
        APPS[0].path("shop", name)


def test_kinds_are_found_in_their_version_only() -> None:
    assert by_kind(ALL, "apps/v1", "Deployment") is APPS[0]
    assert by_kind(ALL, "apps/v1beta1", "Deployment") is None


def test_labels_are_as_kubectl_writes_them() -> None:
    assert (APPS[0].label("web"), CORE[0].label("x")) == ("deployment.apps/web", "namespace/x")
