"""Benchmark: hub, NATS and Push agent killed -9 with many bindings: until new templates are served; useless writes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from flotilla_common.errors import FlotillaError

from .arrivals import Arrived, now
from .bed import PULL, PUSH, Bed, bed
from .burst import settled
from .latency import title
from .load import deployment, in_crowd
from .options import Options
from .proc import cpu_seconds
from .progress import say
from .report import Report

__all__ = ["measure", "quiet"]

EVERY = 0.25
"""Seconds between two new templates."""
WINDOW, IDLE = 0.5, 0.1
"""A hub that used less than this share of a core for so many seconds is done."""


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(title(f"restart with {options.crowd} bindings", options, is_real=is_real))
    say(report.title)
    async with bed(options, is_real=is_real) as made:
        names = [f"web-{n}" for n in range(options.crowd)]
        await in_crowd(made.client.create, map(deployment, names))
        await made.arrived(names)
        await settled(made, set(names))
        await quiet(made)
        await _kill(made, names, report)
    return report


async def _kill(made: Bed, names: list[str], report: Report) -> None:
    before, writes = await made.sequences(), _writes(made, names)
    say("  kill -9, start again")
    made.kill_nats()
    await made.hub.kill()
    await made.agents[PUSH].kill()
    start = now()
    await made.hub.start()
    async with _new_templates(made) as created:
        await made.ready()
        answers = now() - start
        # The hub starts its Push agent once it answers.
        await made.agents[PUSH].start()
        pull, push = await _first_in(made, PULL), await _first_in(made, PUSH)
    done = await quiet(made) - start
    await made.arrived(created)
    grown = (await made.sequences())["works"] - before["works"]
    report.value("hub started again → its API answers", answers, "s")
    report.value("→ a new template is in the Pull member", pull - start, "s")
    report.value("→ a new template is in the Push member", push - start, "s", beside="(its agent started anew, too)")
    report.value("→ the hub has looked at everything and is idle", done, "s", beside=f"({len(names)} bindings)")
    report.value("writes of old objects in the members", _writes(made, names) - writes, "", beside="must be 0")
    report.value("old Works published again", grown - 2 * len(created), "", beside="must be 0")
    report.note(f"a new template every {EVERY:g} s; bound by Python's start and by NATS's look through its streams")


@asynccontextmanager
async def _new_templates(made: Bed) -> AsyncIterator[list[str]]:
    """A user creates one after another, whether the hub answers or not; the names of those it has accepted."""
    accepted: list[str] = []

    async def create() -> None:
        for n in range(10_000):
            name = f"new-{n}"
            with suppress(FlotillaError):
                await made.client.create(deployment(name))
                accepted.append(name)
            await asyncio.sleep(EVERY)

    task = asyncio.create_task(create())
    try:
        yield accepted
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _first_in(made: Bed, member: str) -> float:
    """When the first of the new ones was there."""
    async with asyncio.timeout(made.options.patience):
        while True:
            found = [at for marker, at in made.arrivals.seen.items() if _is_new(marker, member)]
            if found:
                return min(found)
            await asyncio.sleep(0.01)  # the time is in the marker


def _is_new(marker: object, member: str) -> bool:
    return isinstance(marker, Arrived) and marker.member == member and marker.name.startswith("new-")


async def quiet(made: Bed) -> float:
    """When the hub had nothing more to do."""
    async with asyncio.timeout(made.options.patience):
        while True:
            at, used = now(), cpu_seconds(made.hub.pid)
            await asyncio.sleep(WINDOW)
            if cpu_seconds(made.hub.pid) - used < WINDOW * IDLE:
                return at


def _writes(made: Bed, names: list[str]) -> int:
    return sum(made.arrivals.events[member, name] for name in names for member in (PULL, PUSH))
