"""Benchmark: hub, NATS and Push agent killed -9 with many bindings: until new templates are served; useless writes."""

import asyncio

from .arrivals import Arrived
from .bed import PULL, PUSH, Bed, bed
from .burst import settled
from .charts import over_time
from .latency import title
from .load import deployment, in_crowd
from .options import Options
from .progress import say
from .relaunch import EVERY, relaunch, say_relaunch
from .report import Report

__all__ = ["measure"]

NEW = "new-"


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(title(f"restart with {options.crowd} bindings", options, is_real=is_real))
    say(report.title)
    async with bed(options, is_real=is_real) as made:
        names = [f"web-{n}" for n in range(options.crowd)]
        await in_crowd(made.client.create, map(deployment, names))
        await made.arrived(names)
        await settled(made, set(names))
        await made.quiet()
        await _kill(made, names, report)
    return report


async def _kill(made: Bed, names: list[str], report: Report) -> None:
    writes = _writes(made, names)
    first: dict[str, float] = {}

    async def served() -> None:
        for member in (PULL, PUSH):
            first[member] = await _first_in(made, member)

    say("  kill -9, start again")
    found = await relaunch(made, NEW, served, push_agent=made.agents[PUSH])
    column = f"{len(names)} bindings"
    report.cell("hub started again → its API answers", column, found.answers, "s")
    report.cell("→ a new template is in the Pull member", column, first[PULL] - found.start, "s")
    report.cell("→ … in the Push member, whose agent was killed, too", column, first[PUSH] - found.start, "s")
    report.cell("writes of old objects in the members", column, _writes(made, names) - writes, "")
    say_relaunch(report, found, column, clusters=2)
    report.note(
        f"a new template every {EVERY:g} s; bound by Python's start and by NATS's look through its streams. "
        "No old object may be written, and no old Work be published again"
    )
    at = await made.arrived(found.created)
    since = {member: [there - found.start for there in at[n::2]] for n, member in enumerate(made.system.members)}
    title = "B6: new templates in the members, while the hub starts again"
    report.charts.append(over_time(title, "templates", since, "the hub was started again"))


async def _first_in(made: Bed, member: str) -> float:
    """When the first of the new ones was there."""
    async with asyncio.timeout(made.options.patience):
        while True:
            found = [at for marker, at in made.arrivals.seen.items() if _is_new(marker, member)]
            if found:
                return min(found)
            await asyncio.sleep(0.01)  # the time is in the marker


def _is_new(marker: object, member: str) -> bool:
    return isinstance(marker, Arrived) and marker.member == member and marker.name.startswith(NEW)


def _writes(made: Bed, names: list[str]) -> int:
    return sum(made.arrivals.events[member, name] for name in names for member in (PULL, PUSH))
