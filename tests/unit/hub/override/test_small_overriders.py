"""The command, args, labels and annotations overriders."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.model.override import CommandArgsOverrider, LabelAnnotationOverrider
from flotilla_hub.override.overriders import annotations, args, command, labels
from tests.unit.hub.build import deployment, manifest

LISTS = [
    pytest.param(["a"], ("app", "add", ["b", "c"]), ["a", "b", "c"], id="add-appends"),
    pytest.param(None, ("app", "add", ["b"]), ["b"], id="add-creates-the-list"),
    pytest.param(["a", "b", "a"], ("app", "remove", ["a"]), ["b"], id="remove-drops-equal-items"),
    pytest.param(["a"], ("app", "remove", ["x"]), ["a"], id="remove-ignores-what-is-missing"),
    pytest.param(None, ("app", "remove", ["x"]), None, id="remove-creates-no-list"),
    pytest.param(["a"], ("other", "add", ["b"]), ["a"], id="another-container-stays"),
]

PAIRS = [
    pytest.param({"a": "1"}, ("add", {"b": "2"}), {"a": "1", "b": "2"}, id="add-sets"),
    pytest.param({"a": "1"}, ("add", {"a": "2"}), {"a": "2"}, id="add-overwrites"),
    pytest.param(None, ("add", {"x.io/b": "2"}), {"x.io/b": "2"}, id="add-creates-the-map"),
    pytest.param({"a": "1"}, ("replace", {"a": "2", "b": "2"}), {"a": "2"}, id="replace-touches-only-what-is-there"),
    pytest.param({"a": "1", "b": "2"}, ("remove", {"a": "x", "c": ""}), {"b": "2"}, id="remove-goes-by-key"),
    pytest.param(None, ("remove", {"a": ""}), None, id="remove-creates-no-map"),
    pytest.param(None, ("replace", {"a": ""}), None, id="nor-does-replace"),
]


@pytest.mark.parametrize(("field", "apply"), [("command", command.apply), ("args", args.apply)])
@pytest.mark.parametrize(("present", "rule", "expected"), LISTS)
def test_list(
    field: str, apply: Any, present: list[str] | None, rule: tuple[Any, ...], expected: list[str] | None
) -> None:
    obj = deployment()
    container: Obj = obj["spec"]["template"]["spec"]["containers"][0]
    container.update({field: present} if present is not None else {})
    apply(obj, [CommandArgsOverrider(container_name=rule[0], operator=rule[1], value=tuple(rule[2]))])
    assert container.get(field) == expected


@pytest.mark.parametrize(("field", "apply"), [("labels", labels.apply), ("annotations", annotations.apply)])
@pytest.mark.parametrize(("present", "rule", "expected"), PAIRS)
def test_pairs(field: str, apply: Any, present: Obj | None, rule: tuple[Any, ...], expected: Obj | None) -> None:
    obj = manifest("ConfigMap", metadata={field: present} if present is not None else {})
    apply(obj, [LabelAnnotationOverrider(operator=rule[0], value=rule[1])])
    assert obj["metadata"].get(field) == expected
