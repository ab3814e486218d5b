"""`python -m tests.bench.plots FILE...`: draw the charts of a benchmark's file into a PNG beside it."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from .charts import Chart, Line
from .results import charts_in

__all__ = ["draw"]

# Told apart by readers who see fewer colours, too (Okabe and Ito).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#555555")
GREY = "#777777"
WIDTH, HEIGHT = 8.0, 3.6
"""Inches; the height is of one chart."""
LABEL_GAP = 0.075
"""Between two labels at least, as a share of the chart's height."""


def draw(path: Path) -> Path | None:
    """The PNG; None when there is nothing to draw."""
    head, charts = charts_in(path)
    if not charts:
        return None
    figure, rows = pyplot.subplots(
        len(charts), 1, figsize=(WIDTH, HEIGHT * len(charts) + 0.5), layout="constrained", squeeze=False
    )
    figure.suptitle(head["title"], x=0.01, ha="left", fontsize=12, fontweight="bold")
    for (axes,), chart in zip(rows, charts, strict=True):
        _draw(axes, chart)
    figure.supxlabel(_origin(head), x=0.01, ha="left", fontsize=7, color=GREY)
    target = path.with_suffix(".png")
    figure.savefig(target, dpi=120)
    pyplot.close(figure)
    return target


def _draw(axes: Axes, chart: Chart) -> None:
    axes.set_title(chart.title, loc="left", fontsize=10)
    axes.set_xlabel(chart.x)
    axes.set_ylabel(chart.y)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25, linewidth=0.6)
    if chart.is_log:
        axes.set_xscale("log")
        for which in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
            which(FuncFormatter(_plain))
        axes.tick_params(axis="x", which="minor", labelsize=7)
    colours = _colours(chart.lines)
    for line, colour in zip(chart.lines, colours, strict=True):
        x, y = zip(*line.points, strict=True) if line.points else ((), ())
        if line.kind == "points":
            axes.plot(x, y, "o", color=colour, markersize=4)
        else:
            marker = "o" if line.kind == "line" and 2 < len(x) < 12 else None
            style = "steps-post" if line.kind == "steps" else "default"
            axes.plot(x, y, color=colour, linewidth=1.6, drawstyle=style, marker=marker, markersize=3)
    axes.set_ylim(bottom=0)
    _label(axes, chart.lines, colours)


def _colours(lines: Sequence[Line]) -> list[str]:
    """One for each label; points without one have that of the line that follows."""
    colours: list[str] = []
    labelled = 0
    for line in lines:
        colours.append(COLOURS[labelled % len(COLOURS)])
        labelled += bool(line.label)
    return colours


def _label(axes: Axes, lines: Sequence[Line], colours: Sequence[str]) -> None:
    """Each line's name beside its end, moved apart where they would overlap."""
    low, high = axes.get_ylim()
    ends = [
        (line.points[-1][1], line.label, colour)
        for line, colour in zip(lines, colours, strict=True)
        if line.label and line.points
    ]
    heights = _apart([(y - low) / (high - low) for y, *_ in ends])
    for (_, label, colour), height in zip(ends, heights, strict=True):
        axes.annotate(
            label,
            (1.01, height),
            xycoords="axes fraction",
            color=colour,
            fontsize=8,
            va="center",
            annotation_clip=False,
        )


def _apart(heights: Sequence[float]) -> list[float]:
    """Each at least LABEL_GAP below the one above it, none higher than 1, in the given order."""
    moved = dict.fromkeys(range(len(heights)), 0.0)
    ceiling = 1.0
    for n in sorted(moved, key=lambda n: (-heights[n], n)):
        moved[n] = min(heights[n], ceiling)
        ceiling = moved[n] - LABEL_GAP
    return list(moved.values())


def _plain(value: float, _: int) -> str:
    """1, 2 and 5 of each decade, without powers of ten."""
    first = f"{value:.0e}"[0]
    return f"{value:g}" if first in "125" else ""


def _origin(head: Mapping[str, Any]) -> str:
    return f"{head['at']}, flotilla {head['flotilla']}, Python {head['python']}, {head['cpu']}, load {head['load']}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.plots", description=__doc__)
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="raw samples of a benchmark, *.jsonl")
    for path in parser.parse_args().files:
        print(draw(path) or f"{path}: nothing to draw")
    return 0


if __name__ == "__main__":
    sys.exit(main())
