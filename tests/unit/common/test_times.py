"""Times as Kubernetes writes them, compared."""

from math import inf

import pytest

from flotilla_common.times import FIRST, LAST, seconds_since, time_of

NOON = "2026-05-01T12:00:00Z"


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        pytest.param("2026-05-01T11:59:30Z", 30.0, id="half-a-minute-ago"),
        pytest.param("2026-05-01T12:00:30.5+00:00", -30.5, id="in-the-future-with-fractions"),
        pytest.param("2026-05-01T14:00:00+02:00", 0.0, id="elsewhere"),
        pytest.param("", inf, id="empty"),
        pytest.param(None, inf, id="nothing"),
        pytest.param("2026-05-01T12:00:00", inf, id="nobody-knows-where"),
    ],
)
def test_seconds_since(then, expected):
    assert seconds_since(then, NOON, unreadable=inf) == expected


def test_a_time_beyond_all_calendars_is_no_time():
    assert time_of("0001-01-01T00:00:00+14:00", LAST) == LAST


def test_what_is_no_time_lies_where_it_is_said_to():
    assert time_of("soon") == FIRST < time_of(NOON) < time_of("soon", LAST)
