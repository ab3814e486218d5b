"""What one benchmark found: spreads, single values, a reason, raw samples; and how that is laid out as text. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import NamedTuple

from .charts import Chart
from .figures import Spread, number, ratio, spread, times

__all__ = ["Report", "Sample", "aligned", "render"]

_HEAD = ("P50", "P90", "P99", "max", "n")


class Sample(NamedTuple):
    """One raw measurement; `series` says of what."""

    series: str
    value: float
    unit: str


@dataclass
class Report:
    """Filled by a benchmark, in the order in which it wants to be read."""

    title: str
    spreads: list[tuple[str, str, Spread]] = field(default_factory=list)
    """(what, unit, figures)"""
    ratios: list[tuple[str, Sequence[float]]] = field(default_factory=list)
    """(what, one ratio for each of P50, P90 and P99)"""
    values: list[tuple[str, str]] = field(default_factory=list)
    cells: dict[str, dict[str, str]] = field(default_factory=dict)
    """A table: texts by row and column."""
    notes: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    works: int = 0
    """That the processes made, or took in, in their lives; 0 where that is not the question."""

    def spread(self, what: str, samples: Iterable[float], unit: str = "ms") -> Spread:
        """Keep the samples and show their spread."""
        taken = list(samples)
        self.samples += [Sample(what, value, unit) for value in taken]
        figures = spread(taken)
        self.spreads.append((what, unit, figures))
        return figures

    def overhead(self, what: str, system: Spread, floor: Spread) -> None:
        """How many times the floor the system takes."""
        pairs = zip(system[2:5], floor[2:5], strict=True)
        self.ratios.append((what, [ratio(value, base) for value, base in pairs]))

    def value(self, what: str, value: float, unit: str, *, beside: str = "") -> None:
        """One figure; `beside` says what it should be read with."""
        self.keep(what, value, unit)
        self.say(what, f"{number(value)} {unit}".strip() + (f"   {beside}" if beside else ""))

    def median(self, what: str, samples: Sequence[float], unit: str, *, beside: str = "") -> None:
        """Of one figure for each round; the least and the most beside it where there were several."""
        for value in samples:
            self.keep(what, value, unit)
        found = spread(samples)
        between = f"{number(found.least)} to {number(found.most)} in {found.taken} rounds" if found.taken > 1 else ""
        self.say(what, f"{number(found.p50)} {unit}   {', '.join(filter(None, (beside, between)))}".rstrip())

    def cell(self, row: str, column: str, value: float, unit: str) -> None:
        """One figure of those taken at several sizes: a column each."""
        self.keep(f"{column}: {row}", value, unit)
        self.cells.setdefault(row, {})[column] = f"{number(value)} {unit}".strip()

    def quantiles(self, row: str, column: str, samples: Iterable[float], unit: str = "ms") -> Spread:
        """As `spread`, for one of several sizes: a row each for P50, P99 and the largest."""
        taken = list(samples)
        for value in taken:
            self.keep(f"{column}: {row}", value, unit)
        figures = spread(taken)
        for what, value in (("P50", figures.p50), ("P99", figures.p99), ("max", figures.most)):
            self.cells.setdefault(f"{row}, {what}", {})[column] = f"{number(value)} {unit}".strip()
        return figures

    def per_work(self, commits: Mapping[str, int], works: int) -> None:
        """What a Work costs the hub's streams, `commits` by stream."""
        each = ", ".join(f"{name} {number(count / works)}" for name, count in commits.items())
        self.value("commits of the hub's streams per Work", sum(commits.values()) / works, "", beside=f"({each})")

    def keep(self, what: str, value: float, unit: str) -> None:
        """A raw sample that is shown in another form."""
        self.samples.append(Sample(what, value, unit))

    def say(self, what: str, text: str) -> None:
        """A line that is no figure of its own."""
        self.values.append((what, text))

    def note(self, text: str) -> None:
        """What bounds a figure, or how to read it."""
        self.notes.append(text)


def render(report: Report) -> str:
    """Medians and ratios first, then what was taken at several sizes, then single values, then what bounds them."""
    firsts = [what for what, *_ in (*report.spreads, *report.ratios, *report.values)]
    width = max(map(len, (*firsts, *report.cells)), default=0)
    parts = [report.title, "-" * len(report.title)]
    if report.spreads:
        parts += aligned([("", *_HEAD), *map(_spread_row, report.spreads), *map(_ratio_row, report.ratios)], width)
    if report.cells:
        columns = list(dict.fromkeys(column for cells in report.cells.values() for column in cells))
        rows = [(row, *(cells.get(column, "") for column in columns)) for row, cells in report.cells.items()]
        parts += aligned([("", *columns), *rows], width)
    parts += [f"{what.ljust(width)}  {text}" for what, text in report.values]
    parts += [line for note in report.notes for line in wrap(note, 120, initial_indent="► ", subsequent_indent="  ")]
    return "\n".join(parts) + "\n"


def aligned(rows: Sequence[Sequence[str]], first: int = 0) -> list[str]:
    """Columns of equal width, the first one to the left and at least `first` wide, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    widths[0] = max(widths[0], first)
    return [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]


def _spread_row(row: tuple[str, str, Spread]) -> Sequence[str]:
    what, unit, figures = row
    return (what, *(f"{number(v)} {unit}" for v in figures[2:]), str(figures.taken))


def _ratio_row(row: tuple[str, Sequence[float]]) -> Sequence[str]:
    what, ratios = row
    return (what, *map(times, ratios), "", "")
