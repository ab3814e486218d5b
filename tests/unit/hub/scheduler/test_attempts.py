"""When what could not be placed is tried again. Nothing here waits: the clock is an argument."""

import pytest

from flotilla_hub.scheduler.attempts import MOST, POOLED, Attempts

WAITS = [
    pytest.param("", [None, None], id="what-is-placed-rests"),
    pytest.param("NoClusterFit", [None, None], id="what-fits-nowhere-waits-for-a-change"),
    pytest.param("Unschedulable", [POOLED, POOLED], id="what-lacks-room-waits-in-the-pool"),
    pytest.param("SchedulerError", [1, 2, 4, 8, MOST, MOST], id="an-error-backs-off"),
    pytest.param("QuotaExceeded", [1, 2, 4, 8, MOST, MOST], id="a-quota-backs-off"),
    pytest.param("SomethingNew", [1, 2], id="so-does-any-other-reason"),
]


@pytest.mark.parametrize(("failure", "delays"), WAITS)
def test_the_next_try(failure: str, delays: list[float | None]) -> None:
    attempts = Attempts[str]()
    assert [attempts.settle("a", failure, 100.0 * i) for i in range(len(delays))] == delays


HASTENED = [
    pytest.param(0, 50, 0, id="whoever-never-failed-goes-at-once"),
    pytest.param(1, 0.25, 0.75, id="the-rest-of-its-back-off"),
    pytest.param(1, 50, 0, id="a-back-off-that-is-over"),
    pytest.param(3, 1, 3, id="that-grows-with-every-failure"),
    pytest.param(99, 1, MOST - 1, id="up-to-a-limit"),
]


@pytest.mark.parametrize(("failures", "after", "patience"), HASTENED)
def test_a_change_that_may_help_waits_for_the_back_off(failures: int, after: float, patience: float) -> None:
    attempts = Attempts[str]()
    for _ in range(failures):
        attempts.settle("a", "Unschedulable", 1000.0)
    assert attempts.patience("a", 1000.0 + after) == patience


def test_whoever_is_placed_begins_anew_the_next_time() -> None:
    attempts = Attempts[str]()
    for failure in ("SchedulerError", "SchedulerError", ""):
        attempts.settle("a", failure, 0)
    assert (len(attempts), attempts.settle("a", "SchedulerError", 0)) == (0, 1)


def test_those_who_wait_for_the_same_are_found() -> None:
    attempts = Attempts[str]()
    for key, failure in (("a", "QuotaExceeded"), ("b", "Unschedulable"), ("c", "QuotaExceeded"), ("c", "")):
        attempts.settle(key, failure, 0)
    assert attempts.failed_for("QuotaExceeded") == ["a"]
