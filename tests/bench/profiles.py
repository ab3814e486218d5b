"""`python -m tests.bench.profiles DIR...`: profiles of a run with --profile as text, fit to be kept under docs.

A profile is of one process; waiting is taken off the event loop's row, so that all shares are of CPU time.
"""

import argparse
import json
import pstats
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from .figures import number
from .report import Report

__all__ = ["Profile", "Row", "rendered", "rows_of", "tell"]

TOP = 25
_RUN = "run.json"
_LOOP = re.compile(r"'run_until_complete'|'run_forever'|'poll' of 'select.epoll'")
"""Where a process waits: in the C of its event loop."""
_PLACE = re.compile(r".*/(?:site-packages|lib/python3[.]\d+|hub|agent|common)/")
Stats = Mapping[tuple[str, int, str], Sequence[Any]]


class Row(NamedTuple):
    """One function; seconds."""

    name: str
    calls: int
    own: float
    whole: float
    """With all it called."""


@dataclass(frozen=True)
class Profile:
    """`works`: how many the benchmark made, 0 when it makes none. `waited`: seconds, inside the loop's own time."""

    title: str
    process: str
    works: int
    waited: float
    rows: Sequence[Row]

    @property
    def cpu(self) -> float:
        return sum(row.own for row in self.rows) - self.waited


def rows_of(stats: Stats) -> list[Row]:
    """From pstats.Stats.stats, without what only this machine has in its paths."""
    return [Row(_name(*key), calls, own, whole) for key, (_, calls, own, whole, _) in stats.items()]


def rendered(profile: Profile) -> str:
    """As text: what it was, then the first rows by own time, then by time with all they called."""
    per = f" = {number(profile.cpu * 1000 / profile.works)} s per 1,000 Works" if profile.works else ""
    head = [
        f"{profile.process}: {profile.title}",
        f"{number(profile.cpu)} s of CPU under the profiler{per}, its start included. Read shares, not seconds: the "
        "profiler makes small functions look larger than they are.",
    ]
    rows = [row._replace(own=row.own - profile.waited) if _LOOP.search(row.name) else row for row in profile.rows]
    by_own = sorted(rows, key=lambda row: -row.own)[:TOP]
    by_whole = sorted((row for row in rows if not _is_frame(row, profile)), key=lambda row: -row.whole)[:TOP]
    own = [(row, row.own) for row in by_own]
    whole = [(row, row.whole) for row in by_whole]
    tables = [("by own time", own), ("by time with all it called", whole)]
    return "\n".join([*head, *(line for title, found in tables for line in _table(title, found, profile))]) + "\n"


def tell(directory: Path, report: Report) -> None:
    """What the profiles there are of."""
    (directory / _RUN).write_text(json.dumps({"title": report.title, "works": report.works}))


def _table(title: str, found: Sequence[tuple[Row, float]], profile: Profile) -> list[str]:
    """`found`: a function and the seconds that are shown of it."""
    works = profile.works or 1
    head = (
        ("share", "s/1,000 Works", "calls/Work", "function") if profile.works else ("share", "s", "calls", "function")
    )
    scale = 1000 / works if profile.works else 1.0
    rows = [head]
    for row, seconds in found:
        share = f"{100 * seconds / profile.cpu:.1f} %"
        rows.append(
            (share, number(seconds * scale), number(row.calls / works if profile.works else row.calls), row.name)
        )
    widths = [max(len(cells[column]) for cells in rows) for column in range(3)]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=False)) for cells in rows]
    return ["", title, *(f"{line}  {cells[3]}" for line, cells in zip(lines, rows, strict=True))]


def _is_frame(row: Row, profile: Profile) -> bool:
    """Everything is below it, so that it says nothing."""
    return row.whole > 0.95 * (profile.cpu + profile.waited)


def _name(file: str, line: int, function: str) -> str:
    return function if file == "~" else f"{_PLACE.sub('', file)}:{line} {function}"


def _read(file: Path) -> Profile:
    run = json.loads((file.parent / _RUN).read_text())
    used = file.with_suffix(".json")
    times = json.loads(used.read_text()) if used.exists() else {"wall": 0.0, "cpu": 0.0}
    rows = rows_of(pstats.Stats(str(file)).stats)  # type: ignore[attr-defined]  # there since ever
    return Profile(run["title"], file.stem, run["works"], max(0.0, times["wall"] - times["cpu"]), rows)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.profiles", description="Profiles as text.")
    parser.add_argument("directories", metavar="DIR", nargs="+", type=Path, help="<the one given to --profile>/<NAME>")
    parser.add_argument("--to", type=Path, metavar="DIR", help="write <NAME>-<process>.txt there, and print nothing")
    given = parser.parse_args()
    for file in sorted(file for directory in given.directories for file in directory.glob("*.pstats")):
        text = rendered(_read(file))
        if given.to is None:
            print(text)
        else:
            given.to.mkdir(parents=True, exist_ok=True)
            (given.to / f"{file.parent.name}-{file.stem}.txt").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
