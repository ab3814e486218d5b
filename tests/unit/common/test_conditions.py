"""A condition is set in its place, and its transition time moves only with its status."""

from typing import Any

import pytest

from flotilla_common.conditions import condition, find, is_true, with_condition

THEN, NOW = "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"


def ready(status: bool | str, when: str, why: str = "Why", text: str = "text") -> dict[str, Any]:
    return condition("Ready", status, why, text, when)


OTHER = condition("Other", True, "Why", "", THEN)
SETS = [
    pytest.param(None, ready(True, NOW), [ready(True, NOW)], id="no-list-yet"),
    pytest.param([OTHER], ready(True, NOW), [OTHER, ready(True, NOW)], id="a-new-type-goes-last"),
    pytest.param([ready(False, THEN), OTHER], ready(True, NOW), [ready(True, NOW), OTHER], id="a-flip-moves-the-time"),
    pytest.param([ready(True, THEN)], ready(True, NOW), [ready(True, THEN)], id="the-same-changes-nothing"),
    pytest.param(
        [ready(True, THEN)],
        ready(True, NOW, "New", "new"),
        [ready(True, THEN, "New", "new")],
        id="words-do-not-move-it",
    ),
    pytest.param(
        [{**ready(True, ""), "lastTransitionTime": None}], ready(True, NOW), [ready(True, NOW)], id="no-time-yet"
    ),
]


@pytest.mark.parametrize(("held", "new", "expected"), SETS)
def test_setting_one(held: list[dict[str, Any]] | None, new: dict[str, Any], expected: list[dict[str, Any]]) -> None:
    before = [dict(c) for c in held or ()]
    assert with_condition(held, new) == expected
    assert (held or []) == before


WORDS = [
    pytest.param(True, "True", True, id="true"),
    pytest.param(False, "False", False, id="false"),
    pytest.param("Unknown", "Unknown", False, id="unknown-is-not-true"),
]


@pytest.mark.parametrize(("status", "word", "holds"), WORDS)
def test_reading_one(status: bool | str, word: str, holds: bool) -> None:
    held = [OTHER, ready(status, NOW)]
    assert ((find(held, "Ready") or {}).get("status"), is_true(held, "Ready")) == (word, holds)


@pytest.mark.parametrize("held", [None, [], [OTHER]])
def test_one_that_is_not_there_is_none_and_not_true(held: list[dict[str, Any]] | None) -> None:
    assert (find(held, "Ready"), is_true(held, "Ready")) == (None, False)
