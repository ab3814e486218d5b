"""Hub and NATS killed -9 and started again while a user goes on creating templates, whether the hub answers or not."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from flotilla_common.errors import FlotillaError
from tests.fleet import Process

from .arrivals import now
from .bed import Bed
from .load import deployment
from .proc import difference
from .report import Report

__all__ = ["Relaunch", "relaunch", "say_relaunch"]

EVERY = 0.25
"""Seconds between two new templates."""
SERVING = 0.25
"""Share of a core below which the hub does no more than serve these."""


@dataclass(frozen=True)
class Relaunch:
    """Seconds are counted from when the hub was started again."""

    start: float
    """By CLOCK_MONOTONIC."""
    answers: float
    idle: float
    created: Collection[str]
    """Names of the new templates that the hub accepted."""
    commits: Mapping[str, int]
    """By stream, those for the new templates among them."""


async def relaunch(
    made: Bed, prefix: str, served: Callable[[], Awaitable[object]], *, push_agent: Process | None = None
) -> Relaunch:
    """`served` returns when new templates, whose names start with `prefix`, are in the members."""
    before = await made.sequences()
    made.kill_nats()
    await made.hub.kill()
    if push_agent:
        await push_agent.kill()
    start = now()
    await made.hub.start()
    async with _new_templates(made, prefix) as created:
        await made.ready()
        answers = now() - start
        if push_agent:  # the hub starts its own once it answers
            await push_agent.start()
        await served()
        idle = await made.quiet(patience=300, idle=SERVING) - start
    await made.quiet(patience=300)
    commits = difference(before, await made.sequences())
    return Relaunch(start, answers, idle, created, commits)


def say_relaunch(report: Report, found: Relaunch, column: str, *, clusters: int) -> None:
    """`column`: what the hub had to look at."""
    report.cell("→ the hub has looked at everything and is idle", column, found.idle, "s")
    again = found.commits["works"] - clusters * len(found.created)
    report.cell("old Works published again", column, again, "")
    for name, count in found.commits.items():
        report.cell(f"commits in {name}, those of new templates among them", column, count, "")
    report.cell("new templates", column, len(found.created), "")


@asynccontextmanager
async def _new_templates(made: Bed, prefix: str) -> AsyncIterator[list[str]]:
    """One after another; the names of those that were accepted."""
    accepted: list[str] = []
    enough = asyncio.Event()

    async def create() -> None:
        for n in itertools.count():
            if enough.is_set():
                return
            name = f"{prefix}{n}"
            with suppress(FlotillaError):
                await made.client.create(deployment(name))
                accepted.append(name)
            with suppress(TimeoutError):
                await asyncio.wait_for(enough.wait(), EVERY)

    async with asyncio.TaskGroup() as group:
        group.create_task(create())
        try:
            yield accepted
        finally:
            enough.set()
