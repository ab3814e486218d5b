"""What a benchmark is doing, on stderr: a bar on a terminal, a plain line for each step elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

__all__ = ["say", "steps"]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def steps(what: str, count: int) -> Iterator[Iterator[int]]:
    """`with steps("create", 200) as each: for n in each: …`"""
    if not sys.stderr.isatty():
        say(f"  {what} ({count})")
        yield iter(range(count))
        return
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield iter(bar.track(range(count), description=what))
