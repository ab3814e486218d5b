"""Python's search for reference cycles is put off, and what is loaded is left out of it."""

import gc
import re
from collections.abc import Iterator
from pathlib import Path

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


@pytest.mark.skipif(garbage._TRIM is None, reason="the C library cannot")
def test_what_a_burst_leaves_in_the_middle_of_the_heap_is_given_back() -> None:
    burst = [bytes(10_000) for _ in range(5_000)]
    del burst[:-1]  # what is left is at the end of the heap, or near it
    before = _resident()
    garbage.give_back()
    assert _resident() < before


def _resident() -> int:
    """KiB."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)[0])
