"""Raw samples on disk: one JSON line each, after a first line that says how and where they were taken."""

import json
import platform
from importlib.metadata import version
from pathlib import Path

from .proc import cpu_model, load_average
from .report import Report

__all__ = ["keep"]


def keep(directory: Path, stamp: str, name: str, report: Report, calibration: Report) -> Path:
    """Add a report to `<directory>/<stamp>-<name>.jsonl`; `calibration` is what the machine did just before."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{stamp}-{name}.jsonl"
    head = {
        "title": report.title,
        "at": stamp,
        "flotilla": version("flotilla"),
        "python": platform.python_version(),
        "cpu": cpu_model(),
        "load": load_average(),
        "calibration": [*map(list, calibration.values), *([w, u, *s] for w, u, s in calibration.spreads)],
    }
    with path.open("a") as file:
        for line in (head, *(sample._asdict() for sample in report.samples)):
            file.write(json.dumps(line) + "\n")
    return path
