"""Raw samples on disk: one JSON line each, after a first line that says how and where they were taken."""

import json
import platform
from importlib.metadata import version
from pathlib import Path

from .proc import cpu_model, load_average
from .report import Report

__all__ = ["keep"]


def keep(directory: Path, stamp: str, name: str, report: Report, before: Report, after: Report) -> Path:
    """Add a report to `<directory>/<stamp>-<name>.jsonl`, with what the machine did just before and just after."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{stamp}-{name}.jsonl"
    head = {
        "title": report.title,
        "at": stamp,
        "flotilla": version("flotilla"),
        "python": platform.python_version(),
        "cpu": cpu_model(),
        "load": load_average(),
        "calibration": {"before": _figures(before), "after": _figures(after)},
    }
    with path.open("a") as file:
        for line in (head, *(sample._asdict() for sample in report.samples)):
            file.write(json.dumps(line) + "\n")
    return path


def _figures(calibration: Report) -> list[list[object]]:
    return [*map(list, calibration.values), *([what, unit, *figures] for what, unit, figures in calibration.spreads)]
