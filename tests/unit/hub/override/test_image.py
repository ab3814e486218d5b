"""The imageOverrider: registry, repository and tag of images."""

from typing import Any

import pytest

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj, copy_of
from flotilla_hub.model.override import ImageOverrider
from flotilla_hub.override.overriders.image import Image, apply, changed
from tests.unit.hub.build import deployment, manifest

SHA = "sha256:" + "0" * 64
OTHER = "sha256:" + "f" * 64

PARSED = [
    pytest.param("nginx", Image("", "nginx"), id="a-bare-name"),
    pytest.param("nginx:1.0", Image("", "nginx", "1.0"), id="with-a-tag"),
    pytest.param("library/nginx:1.0", Image("", "library/nginx", "1.0"), id="a-plain-first-segment-is-no-registry"),
    pytest.param("example.com/nginx", Image("example.com", "nginx"), id="one-with-a-dot-is"),
    pytest.param("host:5000/a/b:1", Image("host:5000", "a/b", "1"), id="one-with-a-port-is"),
    pytest.param("localhost/a", Image("localhost", "a"), id="localhost-is"),
    pytest.param(f"a@{SHA}", Image("", "a", "", SHA), id="with-a-digest"),
    pytest.param(f"r.io/a:1@{SHA}", Image("r.io", "a", "1", SHA), id="with-both"),
]

CHANGED = [
    pytest.param("r.io/a:1", ("Registry", "add", ".cn"), "r.io.cn/a:1", id="registry-add-appends"),
    pytest.param("a:1", ("Registry", "add", "r.io"), "r.io/a:1", id="registry-add-to-none"),
    pytest.param("r.io/a:1", ("Registry", "replace", "q.io"), "q.io/a:1", id="registry-replace"),
    pytest.param("a:1", ("Registry", "replace", "q.io"), "q.io/a:1", id="registry-replace-sets-one"),
    pytest.param("r.io/a:1", ("Registry", "remove", ""), "a:1", id="registry-remove"),
    pytest.param("r.io/a:1", ("Repository", "add", "/b"), "r.io/a/b:1", id="repository-add-appends"),
    pytest.param("r.io/a:1", ("Repository", "replace", "b/c"), "r.io/b/c:1", id="repository-replace"),
    pytest.param("r.io/a:1", ("Repository", "remove", ""), "r.io/:1", id="repository-remove"),
    pytest.param("a:1", ("Tag", "add", "-alpine"), "a:1-alpine", id="tag-add-appends"),
    pytest.param("a", ("Tag", "add", "2"), "a:2", id="tag-add-to-none"),
    pytest.param("a:1", ("Tag", "replace", "2"), "a:2", id="tag-replace"),
    pytest.param(f"a@{SHA}", ("Tag", "replace", "2"), "a:2", id="tag-replaces-a-digest"),
    pytest.param("a:1", ("Tag", "replace", OTHER), f"a@{OTHER}", id="a-digest-replaces-a-tag"),
    pytest.param(f"a@{SHA}", ("Tag", "replace", OTHER), f"a@{OTHER}", id="a-digest-replaces-a-digest"),
    pytest.param("a:1", ("Tag", "replace", "no tag!"), "a:1", id="what-is-neither-changes-nothing"),
    pytest.param("a:1", ("Tag", "remove", ""), "a", id="tag-remove"),
    pytest.param(f"a@{SHA}", ("Tag", "remove", ""), "a", id="tag-remove-removes-a-digest"),
    pytest.param(f"a:1@{SHA}", ("Tag", "remove", ""), f"a@{SHA}", id="or-only-the-tag-of-both"),
    pytest.param(f"a:1@{SHA}", ("Repository", "replace", "b"), "b:1", id="with-both-the-digest-is-lost-on-any-change"),
]


def rule(component: str, operator: str, value: str = "", path: str | None = None) -> ImageOverrider:
    given: dict[str, Any] = {"component": component, "operator": operator, "value": value}
    return ImageOverrider.model_validate({**given, **({"predicate": {"path": path}} if path is not None else {})})


def images(obj: Obj) -> list[str]:
    pod = obj["spec"] if obj["kind"] == "Pod" else obj["spec"].get("template", obj)["spec"]
    return [c["image"] for word in ("initContainers", "containers") for c in pod.get(word, [])]


POD_SPEC = {
    "initContainers": [{"name": "i", "image": "init:1"}],
    "containers": [{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}],
}
TEMPLATE = {"template": {"spec": POD_SPEC}}

KINDS = [
    pytest.param("Pod", POD_SPEC, ["init:1", "a:2", "b:2"], id="a-pod's-containers-never-its-init-containers"),
    *(
        pytest.param(kind, TEMPLATE, ["init:1", "a:2", "b:2"], id=f"a-{kind}'s")
        for kind in ("DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet")
    ),
    pytest.param("Rollout", TEMPLATE, ["init:1", "a:1", "b:1"], id="another-kind's-not"),
]


@pytest.mark.parametrize(("text", "expected"), PARSED)
def test_parse(text: str, expected: Image) -> None:
    assert Image.parse(text) == expected


@pytest.mark.parametrize(("image", "given", "expected"), CHANGED)
def test_changed(image: str, given: tuple[str, str, str], expected: str) -> None:
    assert changed(image, rule(*given)) == expected


@pytest.mark.parametrize(("kind", "spec", "expected"), KINDS)
def test_kind(kind: str, spec: Obj, expected: list[str]) -> None:
    obj = copy_of(manifest(kind, spec=spec))
    apply(obj, [rule("Tag", "replace", "2")])
    assert images(obj) == expected


def test_a_predicate_changes_the_one_string_it_addresses() -> None:
    obj = manifest("Rollout", spec={"image": "r.io/a:1", "other": "r.io/a:1"})
    apply(obj, [rule("Registry", "replace", "q.io", "/spec/image")])
    assert obj["spec"] == {"image": "q.io/a:1", "other": "r.io/a:1"}


@pytest.mark.parametrize("path", ["/spec/nowhere", "/spec/replicas", "/spec/template/spec/containers/4/image"])
def test_a_predicate_that_addresses_no_string_fails(path: str) -> None:
    with pytest.raises(Terminal, match="addresses no string"):
        apply(deployment(), [rule("Tag", "replace", "2", path)])
