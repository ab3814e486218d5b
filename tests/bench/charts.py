"""What is drawn of a benchmark: charts of lines, made of raw samples, and how they are kept in a file. Pure.

plots.py draws them, right after a run or from the file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple, Self

from .figures import Fit, line_through, number

__all__ = ["Chart", "Line", "Slope", "distribution", "growth", "over_time", "share_over_time"]

Kind = Literal["line", "steps", "points"]
MOST = 600
"""Points of a line at most: more cannot be told apart, and the samples are in the file anyway."""
Points = Sequence[tuple[float, float]]


class Line(NamedTuple):
    """`points` rise in x. `steps` hold each value until the next."""

    label: str
    points: Points
    kind: Kind = "line"


class Slope(NamedTuple):
    """How one is written: `factor` of `unit` are one of y over one of x."""

    unit: str
    factor: float


@dataclass(frozen=True)
class Chart:
    """`x` and `y` say what is along the axes, with the unit."""

    title: str
    x: str
    y: str
    lines: Sequence[Line]
    is_log: bool = False
    """Of x."""

    def kept(self) -> dict[str, Any]:
        """As JSON; `read` takes it."""
        return {**asdict(self), "lines": [line._asdict() for line in self.lines]}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        lines = [Line(line["label"], [(x, y) for x, y in line["points"]], line["kind"]) for line in kept["lines"]]
        return cls(**{**kept, "lines": lines})


def distribution(title: str, samples: Mapping[str, Sequence[float]], unit: str = "ms") -> Chart:
    """For each duration the share of the samples that took no longer, by what was measured."""
    lines = [Line(label, _shares(sorted(taken), len(taken)), "steps") for label, taken in samples.items()]
    return Chart(title, unit, "share of all, %", lines, is_log=True)


def over_time(title: str, what: str, times: Mapping[str, Iterable[float]], since: str) -> Chart:
    """How many had happened at each time; seconds `since` something."""
    lines = [Line(label, _counted(sorted(at)), "steps") for label, at in times.items()]
    return Chart(title, f"seconds since {since}", what, lines)


def share_over_time(title: str, times: Mapping[str, Iterable[float]], of: int, since: str) -> Chart:
    """As `over_time`, in percent of all there are."""
    lines = [Line(label, [(0.0, 0.0), *_shares(sorted(at), of)], "steps") for label, at in times.items()]
    return Chart(title, f"seconds since {since}", "share of all, %", lines)


def growth(title: str, x: str, y: str, points: Mapping[str, Points], *, fit: Slope | None = None) -> Chart:
    """What was measured at several sizes; with `fit` also the straight line through it, its slope in that unit."""
    lines: list[Line] = []
    for label, found in points.items():
        if fit:
            line = line_through(found)
            lines.append(Line("", found, "points"))
            slope = f"{number(line.slope * fit.factor)} {fit.unit}"
            lines.append(Line(f"{label}: {slope}, R² {line.r2:.3f}", _ends(line, found)))
        else:
            lines.append(Line(label, found))
    return Chart(title, x, y, lines)


def _ends(fit: Fit, points: Points) -> Points:
    return [(x, fit.intercept + fit.slope * x) for x in (points[0][0], points[-1][0])]


def _counted(ordered: Sequence[float]) -> Points:
    return [(0.0, 0.0), *_thin([(at, float(n)) for n, at in enumerate(ordered, 1)])]


def _shares(ordered: Sequence[float], of: int) -> Points:
    return _thin([(value, 100 * n / of) for n, value in enumerate(ordered, 1)])


def _thin(points: Points) -> Points:
    """Evenly fewer, the first and the last among them."""
    if len(points) <= MOST:
        return points
    step = (len(points) - 1) / (MOST - 1)
    return [points[round(n * step)] for n in range(MOST)]
