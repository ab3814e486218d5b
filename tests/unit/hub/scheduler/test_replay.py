"""Decisions that were recorded come out the same again: scheduling depends on nothing but what goes in."""

from collections import Counter
from random import Random

import pytest

from flotilla_common.objects import copy_of
from tests.unit.hub.scheduler.recording import Recorded, recorded

FLEET, RECORDS = recorded()


@pytest.mark.parametrize("record", [pytest.param(record, id=str(i)) for i, record in enumerate(RECORDS)])
def test_replays(record: Recorded) -> None:
    assert record.again(FLEET) == record.after


def test_the_order_of_the_clusters_does_not_matter() -> None:
    shuffled = Random(1).sample(FLEET, len(FLEET))
    assert [record.again(shuffled) for record in RECORDS] == [record.after for record in RECORDS]


def test_nothing_that_goes_in_is_changed() -> None:
    for record in RECORDS:
        before = copy_of(record.binding)
        record.again(FLEET)
        assert record.binding == before


def test_what_is_recorded_is_of_every_kind() -> None:
    """A file of failures alone would replay as well."""
    ends = Counter(_end(record) for record in RECORDS)
    assert {"Success", "NoClusterFit", "Unschedulable", "SchedulerError"} <= ends.keys()
    assert ends["Success"] > len(RECORDS) / 3


def _end(record: Recorded) -> str:
    if record.after is None:
        return "unchanged"
    return str(record.after["status"]["conditions"][0]["reason"])
