"""What is made of raw samples: percentiles, spreads, ratios, and how they are written. Pure."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

__all__ = ["Fit", "Spread", "line_through", "number", "percentile", "ratio", "spread", "times"]


class Spread(NamedTuple):
    """Order statistics of `taken` samples, in their unit; each is a sample that was taken, nothing is interpolated."""

    taken: int
    least: float
    p50: float
    p90: float
    p99: float
    most: float


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest sample that at least `share` (0 to 1) of all samples do not exceed. `ordered`: rising, not empty."""
    # A share of 0.9 of ten is the ninth, whatever binary fractions make of 0.9 * 10.
    rank = math.ceil(round(share * len(ordered), 9))
    return ordered[max(rank, 1) - 1]


def spread(samples: Iterable[float]) -> Spread:
    """NaN everywhere when there are no samples."""
    ordered = sorted(samples)
    if not ordered:
        return Spread(0, *[math.nan] * 5)
    p50, p90, p99 = (percentile(ordered, share) for share in (0.5, 0.9, 0.99))
    return Spread(len(ordered), ordered[0], p50, p90, p99, ordered[-1])


class Fit(NamedTuple):
    """A straight line; `r2` is the share of the variance it explains. NaN where there is nothing to draw it through."""

    slope: float
    intercept: float
    r2: float


def line_through(points: Sequence[tuple[float, float]]) -> Fit:
    """Least squares."""
    n = len(points)
    if len({x for x, _ in points}) < 2:
        return Fit(math.nan, math.nan, math.nan)
    mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    sxx = sum((x - mx) ** 2 for x, _ in points)
    sxy = sum((x - mx) * (y - my) for x, y in points)
    syy = sum((y - my) ** 2 for _, y in points)
    slope = sxy / sxx
    return Fit(slope, my - slope * mx, sxy * sxy / (sxx * syy) if syy else 1.0)


def ratio(value: float, base: float) -> float:
    """NaN when there is nothing to compare with."""
    return value / base if base else math.nan


def number(value: float) -> str:
    """Three significant digits, with no exponent: 0.123, 12.3, 123, 1235; a count as it is; a dash for NaN."""
    if isinstance(value, int):
        return str(value)
    if math.isnan(value):
        return "-"
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}"


def times(value: float) -> str:
    """A ratio: ×3.4."""
    return f"×{number(value)}"
