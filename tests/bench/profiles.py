"""`python -m tests.bench.profiles DIR...`: profiles of a run with --profile as text, fit to be kept under docs."""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from .figures import number
from .report import Report

__all__ = ["Profile", "Row", "rendered", "rows_of", "tell"]

TOP = 25
_RUN = "run.json"
_PLACE = re.compile(r".*/(?:site-packages|lib/python3[.]\d+|hub|agent|common)/|.*/(?=tests/)")
_OUTER = re.compile(r"^<frozen |<module>$|^asyncio/runners.py|^uvloop/")
"""What is below these is the start of Python, again and again, or everything."""


class Row(NamedTuple):
    """One function, and in how many samples it was."""

    name: str
    own: int
    whole: int
    """With all it called."""


@dataclass(frozen=True)
class Profile:
    """`works`: how many the benchmark made, 0 when it makes none. `cpu`: seconds."""

    title: str
    process: str
    works: int
    cpu: float
    rows: Sequence[Row]

    @property
    def samples(self) -> int:
        return sum(row.own for row in self.rows)


def rows_of(samples: Iterable[Sequence[Any]]) -> list[Row]:
    """From what the sampler wrote, without what only this machine has in its paths."""
    return [Row(_name(file, line, function), own, whole) for file, line, function, own, whole in samples]


def rendered(profile: Profile) -> str:
    """As text: what it was, then the first rows by own time, then by time with all they called."""
    per = f" = {number(profile.cpu * 1000 / profile.works)} s per 1,000 Works" if profile.works else ""
    head = [
        f"{profile.process}: {profile.title}",
        f"{number(profile.cpu)} s of CPU{per}, in {profile.samples} samples",
    ]
    whole = [row for row in profile.rows if not _is_frame(row, profile) and not _OUTER.search(row.name)]
    own = _table("by own time", profile, profile.rows, lambda row: row.own)
    return "\n".join([*head, *own, *_table("by time with all it called", profile, whole, lambda row: row.whole)]) + "\n"


def tell(directory: Path, report: Report) -> None:
    """What the profiles there are of."""
    (directory / _RUN).write_text(json.dumps({"title": report.title, "works": report.works}))


def _table(title: str, profile: Profile, rows: Sequence[Row], of: Callable[[Row], int]) -> list[str]:
    """`of`: the samples that are shown of a row."""
    scale = profile.cpu * 1e6 / profile.works if profile.works else profile.cpu * 1e3
    lines = [f"{'share':>7}  {'µs/Work' if profile.works else 'ms':>7}  function"]
    for row in sorted(rows, key=lambda row: (-of(row), row.name))[:TOP]:
        share = of(row) / profile.samples
        lines.append(f"{100 * share:5.1f} %  {number(share * scale):>7}  {row.name}")
    return ["", title, *lines]


def _is_frame(row: Row, profile: Profile) -> bool:
    """Everything is below it, so that it says nothing."""
    return row.whole > 0.9 * profile.samples


def _name(file: str, line: int, function: str) -> str:
    return f"{_PLACE.sub('', file)}:{line} {function}" if function else file


def _read(file: Path) -> Profile:
    run, taken = json.loads((file.parent / _RUN).read_text()), json.loads(file.read_text())
    return Profile(run["title"], file.name.split(".")[0], run["works"], taken["cpu"], rows_of(taken["rows"]))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.profiles", description="Profiles as text.")
    parser.add_argument("directories", metavar="DIR", nargs="+", type=Path, help="<the one given to --profile>/<NAME>")
    parser.add_argument("--to", type=Path, metavar="DIR", help="write <NAME>-<process>.txt there, and print nothing")
    given = parser.parse_args()
    for file in sorted(file for directory in given.directories for file in directory.glob("*.samples.json")):
        profile = _read(file)
        if given.to is None:
            print(rendered(profile))
        else:
            given.to.mkdir(parents=True, exist_ok=True)
            (given.to / f"{file.parent.name}-{profile.process}.txt").write_text(rendered(profile))
    return 0


if __name__ == "__main__":
    sys.exit(main())
