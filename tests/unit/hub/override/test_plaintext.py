"""The plaintext overrider: RFC 6902 on the whole manifest."""

from typing import Any

import pytest

from flotilla_common.errors import Terminal
from flotilla_hub.model.override import Plaintext
from flotilla_hub.override.overriders.plaintext import apply

PATCHES = [
    pytest.param({"spec": {}}, [("add", "/spec/a", 1)], {"spec": {"a": 1}}, id="add-sets-a-key"),
    pytest.param({"spec": {"a": 0}}, [("add", "/spec/a", 1)], {"spec": {"a": 1}}, id="add-replaces-one"),
    pytest.param({"l": [1, 3]}, [("add", "/l/1", 2)], {"l": [1, 2, 3]}, id="add-inserts-into-a-list"),
    pytest.param({"l": [1]}, [("add", "/l/-", 2)], {"l": [1, 2]}, id="a-dash-appends"),
    pytest.param({"a": 1, "b": 2}, [("remove", "/a", None)], {"b": 2}, id="remove"),
    pytest.param({"l": [1, 2]}, [("remove", "/l/0", None)], {"l": [2]}, id="remove-from-a-list"),
    pytest.param({"a": 1}, [("replace", "/a", {"b": 2})], {"a": {"b": 2}}, id="replace"),
    pytest.param(
        {"a/b": 1, "c~d": 1}, [("remove", "/a~1b", None), ("replace", "/c~0d", 2)], {"c~d": 2}, id="escaped-keys"
    ),
    pytest.param({}, [("add", "/a", {}), ("add", "/a/b", 1)], {"a": {"b": 1}}, id="steps-build-on-one-another"),
    pytest.param({"a": 1}, [("replace", "", {"b": 2})], {"b": 2}, id="the-whole-document"),
    pytest.param({"a": 1}, [("add", "/b", None)], {"a": 1, "b": None}, id="null-is-a-value"),
]

MISFITS = [
    pytest.param(
        ("remove", "/spec/x", None), "remove '/spec/x': the path ends at '/spec'; use add", id="remove-what-is-missing"
    ),
    pytest.param(
        ("replace", "/spec/l/4", 1), "replace '/spec/l/4': the path ends at '/spec/l'", id="replace-past-the-end"
    ),
    pytest.param(("add", "/spec/x/y", 1), "'/spec' is as far as the path exists", id="add-below-what-is-missing"),
    pytest.param(("add", "/spec/l/9", 1), "'/spec/l' is as far", id="add-past-the-end"),
    pytest.param(("add", "/spec/l/x", 1), "'/spec/l' is as far", id="add-at-no-index"),
    pytest.param(("add", "/spec/n/x", 1), "'/spec/n' is as far", id="add-into-a-number"),
    pytest.param(("replace", "", 1), "would leave no object", id="no-object-left"),
    pytest.param(("remove", "", None), "remove ''", id="nothing-left"),
]


def steps(given: list[tuple[str, str, Any]]) -> list[Plaintext]:
    return [Plaintext(operator=operator, path=path, value=value) for operator, path, value in given]  # type: ignore[arg-type]


@pytest.mark.parametrize(("manifest", "given", "expected"), PATCHES)
def test_patch(manifest: dict[str, Any], given: list[tuple[str, str, Any]], expected: dict[str, Any]) -> None:
    apply(manifest, steps(given))
    assert manifest == expected


@pytest.mark.parametrize(("step", "why"), MISFITS)
def test_misfit(step: tuple[str, str, Any], why: str) -> None:
    with pytest.raises(Terminal) as caught:
        apply({"spec": {"l": [1], "n": 3}}, steps([step]))
    assert why in str(caught.value)
