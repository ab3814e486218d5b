"""What benchmarks make of their samples: no figure that was not measured, and none that is hard to read."""

import math

import pytest

from tests.bench.figures import Spread, number, percentile, ratio, spread, times
from tests.bench.report import Report, render

HUNDRED = [float(n) for n in range(1, 101)]

RANKS = [
    pytest.param(HUNDRED, 0.5, 50.0, id="the-median-of-100-is-the-50th"),
    pytest.param(HUNDRED, 0.99, 99.0, id="the-99th-of-100-leaves-one-above"),
    pytest.param(HUNDRED[:10], 0.9, 9.0, id="rounding-of-binary-fractions-moves-no-rank"),
    pytest.param([1.0, 2.0, 10.0], 0.99, 10.0, id="few-samples-give-the-largest"),
    pytest.param([7.0], 0.5, 7.0, id="one-sample-is-every-percentile"),
    pytest.param([1.0, 3.0], 0.0, 1.0, id="the-least-is-the-first"),
]


@pytest.mark.parametrize(("ordered", "share", "expected"), RANKS)
def test_percentiles_are_samples(ordered: list[float], share: float, expected: float) -> None:
    assert percentile(ordered, share) == expected


def test_a_spread_does_not_mind_the_order_of_its_samples() -> None:
    assert spread(reversed(HUNDRED)) == Spread(100, 1.0, 50.0, 90.0, 99.0, 100.0)


def test_no_samples_are_no_figures() -> None:
    assert all(math.isnan(figure) for figure in spread([])[1:])


NUMBERS = [
    pytest.param(0.0, "0", id="nothing"),
    pytest.param(0.01234, "0.0123", id="small"),
    pytest.param(5.678, "5.68", id="units"),
    pytest.param(123.4, "123", id="hundreds"),
    pytest.param(12345.6, "12346", id="thousands-without-exponent"),
    pytest.param(7, "7", id="a-count-is-shown-as-one"),
    pytest.param(math.nan, "-", id="not-measured"),
]


@pytest.mark.parametrize(("value", "text"), NUMBERS)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_a_ratio_to_nothing_is_not_shown_as_one() -> None:
    assert times(ratio(3.0, 0.0)) == "×-"


def test_a_report_shows_medians_and_ratios_before_everything_else() -> None:
    report = Report("latency")
    report.value("all applied", 2.0, "s", beside="1000 works/s")
    report.note("bound by the disk")
    system, floor = report.spread("ours", [2.0, 4.0]), report.spread("straight", [1.0, 2.0])
    report.overhead("overhead", system, floor)
    assert render(report).splitlines() == [
        "latency",
        "-------",
        "                 P50      P90      P99      max  n",
        "ours         2.00 ms  4.00 ms  4.00 ms  4.00 ms  2",
        "straight     1.00 ms  2.00 ms  2.00 ms  2.00 ms  2",
        "overhead       ×2.00    ×2.00    ×2.00            ",
        "all applied  2.00 s   1000 works/s",
        "► bound by the disk",
    ]


def test_figures_at_several_sizes_are_columns_of_a_table() -> None:
    report = Report("agents")
    report.cell("PSS", "100 agents", 50.0, "MiB")
    report.cell("PSS", "1000 agents", 75.5, "MiB")
    report.quantiles("age", "1000 agents", [1.0, 3.0])
    assert render(report).splitlines() == [
        "agents",
        "------",
        "          100 agents  1000 agents",
        "PSS         50.0 MiB     75.5 MiB",
        "age, P50                  1.00 ms",
        "age, P99                  3.00 ms",
        "age, max                  3.00 ms",
    ]


def test_several_rounds_are_a_median_and_how_far_they_lay_apart() -> None:
    report = Report("burst")
    report.median("all applied", [3.0, 1.0, 2.0], "s", beside="500 works/s")
    assert render(report).splitlines()[-1] == "all applied  2.00 s   500 works/s, 1.00 to 3.00 in 3 rounds"


def test_every_sample_is_kept() -> None:
    report = Report("any")
    report.spread("ours", [2.0, 1.0])
    report.value("all applied", 3.0, "s")
    assert [tuple(sample) for sample in report.samples] == [
        ("ours", 2.0, "ms"),
        ("ours", 1.0, "ms"),
        ("all applied", 3.0, "s"),
    ]
