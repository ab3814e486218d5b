"""What a benchmark is doing, on stderr: a bar on a terminal, a plain line now and then elsewhere."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

__all__ = ["progress", "rest", "say", "steps"]

PLAIN_EVERY = 10.0
"""Seconds between two plain lines."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """`with progress("settle Works", 50_000) as reached: … reached(1_200)`"""
    if not sys.stderr.isatty():
        yield _plainly(what, total)
        return
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def steps(what: str, count: int) -> Iterator[Iterator[int]]:
    """`with steps("create", 200) as each: for n in each: …`"""
    with progress(what, count) as reached:

        def each() -> Iterator[int]:
            for n in range(count):
                yield n
                reached(n + 1)

        yield each()


async def rest(what: str, seconds: float) -> None:
    """Wait, visibly."""
    whole = round(seconds)
    with steps(f"{what} (s)", whole) as each:
        for _ in each:
            await asyncio.sleep(seconds / whole)


def _plainly(what: str, total: int) -> Callable[[int], None]:
    said = time.monotonic()
    say(f"  {what}: {total}")

    def reached(done: int) -> None:
        nonlocal said
        if time.monotonic() - said >= PLAIN_EVERY and done < total:
            said = time.monotonic()
            say(f"  {what}: {done} of {total}")

    return reached
