"""Python's search for reference cycles is put off, and what is loaded is left out of it."""

import gc
from collections.abc import Iterator

import pytest

from flotilla_hub import garbage


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_it_looks_seldom() -> None:
    garbage.look_seldom()
    assert gc.get_threshold() == (garbage.YOUNG, garbage.MIDDLE, garbage.OLD)


def test_what_is_loaded_is_spared() -> None:
    before = gc.get_freeze_count()
    garbage.spare_what_is_loaded()
    assert gc.get_freeze_count() > before
