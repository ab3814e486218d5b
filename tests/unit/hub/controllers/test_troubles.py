"""What cannot be made or sent is told once for each change."""

import logging

import pytest

from flotilla_hub.controllers.troubles import Troubles
from flotilla_hub.store.port import Key

KEY, OTHER = Key("resourcebindings.work.karmada.io", "default", "a"), Key("resourcebindings.work.karmada.io", "x", "b")


def test_each_change_is_told_and_a_repeat_is_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    troubles, told = Troubles(), list[Key]()
    troubles.subscribe(told.append)
    for found in ({}, {"m1": "no"}, {"m1": "no"}, {"m1": "still no"}, {}, {}):
        troubles.note(KEY, found)
    assert told == [KEY] * 3
    assert [r.levelname for r in caplog.records] == ["WARNING"] * 2


def test_each_binding_has_its_own() -> None:
    troubles = Troubles()
    troubles.note(KEY, {"m1": "no"})
    assert (troubles.of(KEY), troubles.of(OTHER)) == ({"m1": "no"}, {})
