"""What the four streams are to be, and how an existing one is compared with it."""

from typing import Any

import pytest

from flotilla_common.subjects import OBJECTS
from flotilla_hub.broker.streams import differences, wanted


def test_a_stream_keeps_last_values_and_repeats_each_live() -> None:
    assert wanted(OBJECTS, replicas=3) == {
        "name": "FLOTILLA_OBJECTS",
        "subjects": ["flotilla.v1.objects.>"],
        "retention": "limits",
        "storage": "file",
        "num_replicas": 3,
        "max_msgs_per_subject": 1,
        "discard": "new",
        "allow_direct": True,
        "allow_atomic": True,
        "republish": {"src": "flotilla.v1.objects.>", "dest": "flotilla.v1.live.objects.>"},
    }


CHANGES = [
    pytest.param({"a": 1}, {"a": 1, "b": 2}, {}, id="what-we-do-not-ask-for-is-left-alone"),
    pytest.param({"a": 1}, {"a": 2}, {"a": 1}, id="another-value"),
    pytest.param({"persist_mode": "async"}, {}, {"persist_mode": "async"}, id="unknown-to-an-old-server"),
    pytest.param({"a": {"x": 1}}, {"a": {"x": 1, "y": 2}}, {}, id="nested-with-the-servers-additions"),
    pytest.param({"a": {"x": 1}}, {"a": {"x": 2}}, {"a": {"x": 1}}, id="nested-with-another-value"),
    pytest.param({"a": {"x": 1}}, {"a": None}, {"a": {"x": 1}}, id="nested-and-missing"),
]


@pytest.mark.parametrize(("config", "found", "changes"), CHANGES)
def test_differences(config: dict[str, Any], found: dict[str, Any], changes: dict[str, Any]) -> None:
    assert differences(config, found) == changes
