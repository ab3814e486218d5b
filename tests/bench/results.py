"""A report on disk, as JSON lines: first how and where it was taken, then each chart, then each raw sample."""

import json
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from time import gmtime, strftime
from typing import Any

from .charts import Chart
from .proc import cpu_model, load_average
from .report import Report

__all__ = ["charts_in", "keep"]


def keep(directory: Path, name: str, report: Report, before: Report, after: Report) -> Path:
    """In `<directory>/<name>.jsonl`, with what the machine did just before and just after."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.jsonl"
    head = {
        "title": report.title,
        "at": strftime("%Y-%m-%d %H:%M UTC", gmtime()),
        "flotilla": version("flotilla"),
        "python": platform.python_version(),
        "cpu": cpu_model(),
        "load": load_average(),
        "calibration": {"before": _figures(before), "after": _figures(after)},
    }
    charts = [{"chart": chart.kept()} for chart in report.charts]
    with path.open("w") as file:
        for line in (head, *charts, *(sample._asdict() for sample in report.samples)):
            file.write(json.dumps(line) + "\n")
    return path


def charts_in(path: Path) -> tuple[dict[str, Any], Sequence[Chart]]:
    """The first line of a file that `keep` wrote, and the charts."""
    with path.open() as file:
        head, *lines = map(json.loads, file)
    return head, [Chart.read(line["chart"]) for line in lines if "chart" in line]


def _figures(calibration: Report) -> list[list[object]]:
    return [
        *([what, text] for what, text in calibration.values),
        *([what, unit, *figures] for what, unit, figures in calibration.spreads),
    ]
