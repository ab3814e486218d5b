"""The fieldOverrider: a patch inside the JSON or YAML document that a string holds."""

from typing import Any

import pytest

from flotilla_common.errors import Terminal
from flotilla_hub.model.override import FieldOverrider
from flotilla_hub.override.overriders.field import apply
from tests.unit.hub.build import manifest

BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{after}: &{after} [{','.join([f'*{before}'] * 10)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)

PATCHED = [
    pytest.param(
        "json",
        '{"b": 1, "a": {"c": 2}}',
        ("replace", "/a/c", 3),
        '{"a":{"c":3},"b":1}',
        id="json-is-compact-and-sorted",
    ),
    pytest.param("json", "[1]", ("add", "/-", {"x": None}), '[1,{"x":null}]', id="json-may-be-a-list"),
    pytest.param("json", '{"a": 1, "b": 2}', ("remove", "/a", None), '{"b":2}', id="json-remove"),
    pytest.param(
        "yaml",
        "b: 1\na:\n  c: 2 # why\n",
        ("replace", "/a/c", 3),
        "a:\n  c: 3\nb: 1\n",
        id="yaml-loses-comments-and-sorts",
    ),
    pytest.param("yaml", "a: 2026-01-01\n", ("add", "/b", "ü"), "a: '2026-01-01'\nb: ü\n", id="yaml-dates-stay-text"),
    pytest.param("yaml", "1: one\n", ("add", "/b", []), "'1': one\nb: []\n", id="yaml-keys-become-strings"),
    pytest.param(
        "yaml", "a: &x {k: 1}\nb: *x\n", ("replace", "/a/k", 2), "a:\n  k: 2\nb:\n  k: 1\n", id="yaml-aliases-part"
    ),
]

MISFITS = [
    pytest.param(
        "/data/none", "json", "{}", ("add", "/a", 1), "fieldPath '/data/none' does not exist", id="no-such-field"
    ),
    pytest.param("/data", "json", "{}", ("add", "/a", 1), "holds dict, not a string", id="no-string"),
    pytest.param("/data/doc", "json", "{", ("add", "/a", 1), "is not JSON", id="no-json"),
    pytest.param("/data/doc", "yaml", "a: [", ("add", "/a", 1), "is not YAML", id="no-yaml"),
    pytest.param(
        "/data/doc", "yaml", "!!python/object:os.system {}", ("add", "/a", 1), "is not YAML", id="no-code-in-yaml"
    ),
    pytest.param("/data/doc", "yaml", BOMB, ("add", "/z", 1), "expand to more than", id="no-alias-bomb"),
    pytest.param(
        "/data/doc", "yaml", "a: &a [*a]", ("add", "/z", 1), "is not YAML that JSON can express", id="no-endless-yaml"
    ),
    pytest.param(
        "/data/doc",
        "json",
        "{}",
        ("remove", "/a", None),
        "in the document at '/data/doc': remove '/a'",
        id="no-such-path",
    ),
]


def rule(path: str, language: str, patch: tuple[str, str, Any]) -> FieldOverrider:
    operator, sub_path, value = patch
    step = {"operator": operator, "subPath": sub_path, **({} if operator == "remove" else {"value": value})}
    return FieldOverrider.model_validate({"fieldPath": path, language: [step]})


@pytest.mark.parametrize(("language", "text", "patch", "expected"), PATCHED)
def test_patched(language: str, text: str, patch: tuple[str, str, Any], expected: str) -> None:
    config = manifest("ConfigMap", data={"doc": text})
    apply(config, [rule("/data/doc", language, patch)])
    assert config["data"] == {"doc": expected}


@pytest.mark.parametrize(("path", "language", "text", "patch", "why"), MISFITS)
def test_misfit(path: str, language: str, text: str, patch: tuple[str, str, Any], why: str) -> None:
    with pytest.raises(Terminal) as caught:
        apply(manifest("ConfigMap", data={"doc": text}), [rule(path, language, patch)])
    assert why in str(caught.value)
