"""What is drawn of a benchmark: lines that say what the samples say, kept so that a plot can be drawn again."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench import results
from tests.bench.charts import Chart, Line, Slope, distribution, growth, over_time, share_over_time
from tests.bench.figures import Fit, line_through
from tests.bench.report import Report

CHARTS = [
    pytest.param(
        lambda: distribution("any", {"ours": [3.0, 1.0, 2.0, 4.0]}),
        [Line("ours", [(1.0, 25.0), (2.0, 50.0), (3.0, 75.0), (4.0, 100.0)], "steps")],
        id="a-distribution-rises-to-all-samples-at-the-largest",
    ),
    pytest.param(
        lambda: over_time("any", "Works", {"applied": [2.0, 1.0]}, "the start"),
        [Line("applied", [(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)], "steps")],
        id="over-time-each-arrival-counts-one-more",
    ),
    pytest.param(
        lambda: share_over_time("any", {"connected": [1.0]}, 4, "the start"),
        [Line("connected", [(0.0, 0.0), (1.0, 25.0)], "steps")],
        id="shares-are-of-all-there-are-and-not-of-those-that-came",
    ),
    pytest.param(
        lambda: growth("any", "Works", "MiB", {"hub": [(0, 1.0), (10, 6.0)]}),
        [Line("hub", [(0, 1.0), (10, 6.0)])],
        id="growth-is-drawn-from-size-to-size",
    ),
    pytest.param(
        lambda: growth("any", "Works", "MiB", {"hub": [(0, 1.0), (10, 6.0)]}, fit=Slope("KiB/Work", 1024)),
        [
            Line("", [(0, 1.0), (10, 6.0)], "points"),
            Line("hub: 512 KiB/Work, R² 1.000", [(0, 1.0), (10, 6.0)]),
        ],
        id="a-fit-is-a-line-of-its-own-and-says-its-slope",
    ),
]


@pytest.mark.parametrize(("make", "lines"), CHARTS)
def test_lines_are_what_was_measured(make: Callable[[], Chart], lines: list[Line]) -> None:
    assert make().lines == lines


def test_many_samples_are_drawn_as_fewer_points_with_both_ends() -> None:
    (line,) = over_time("any", "Works", {"applied": [n / 1000 for n in range(10_000)]}, "the start").lines
    assert (len(line.points) <= 601, line.points[1], line.points[-1]) == (True, (0.0, 1.0), (9.999, 10_000.0))


FITS = [
    pytest.param([(0, 5.0), (10, 25.0), (20, 45.0)], Fit(2.0, 5.0, 1.0), id="a-straight-line-is-found"),
    pytest.param([(0, 3.0), (1, 3.0)], Fit(0.0, 3.0, 1.0), id="what-does-not-grow-has-no-slope"),
]


@pytest.mark.parametrize(("points", "expected"), FITS)
def test_slopes(points: list[tuple[float, float]], expected: Fit) -> None:
    assert line_through(points) == pytest.approx(expected)


def test_one_size_has_no_slope() -> None:
    assert str(line_through([(1, 2.0)])) == "Fit(slope=nan, intercept=nan, r2=nan)"


def test_a_file_holds_charts_and_samples(tmp_path: Path) -> None:
    report, calibration = Report("burst"), Report("R0")
    report.charts.append(over_time("any", "Works", {"applied": [1.0]}, "the start"))
    report.value("all applied", 2.0, "s")
    calibration.spread("fdatasync", [0.1])
    path = results.keep(tmp_path, "burst", report, calibration, calibration)
    head, charts = results.charts_in(path)
    assert (charts, head["calibration"]["before"]) == (report.charts, [["fdatasync", "ms", 1, 0.1, 0.1, 0.1, 0.1, 0.1]])
    assert json.loads(path.read_text().splitlines()[-1]) == {"series": "all applied", "value": 2.0, "unit": "s"}
