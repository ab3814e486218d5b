"""Benchmark: from a changed image on the hub until both members have it, one object at a time, beside direct writes."""

from .bed import bed
from .latency import Row, compare, in_turn, pause, title
from .load import STRAIGHT, deployment
from .options import Options
from .progress import say, steps
from .report import Report
from .rival import rivals
from .system import System

__all__ = ["measure"]

OBJECTS = 20
"""Changed in turn, so that none is still busy with its last status."""


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(title("update", options, is_real=is_real))
    say(report.title)
    async with bed(options, is_real=is_real) as made, rivals(options, is_real=is_real) as others:
        systems = [made.system, *others]
        for system in systems:
            await system.burst(f"web-{options.mark}-{n}" for n in range(OBJECTS))
            await system.straight_burst(f"{STRAIGHT}-{options.mark}-{n}" for n in range(OBJECTS))
        rows: dict[str, list[Row]] = {system.name: [] for system in systems}
        with steps("change the image, one at a time", options.singles) as each:
            for n in each:
                for system in in_turn(systems, n):
                    rows[system.name].append(await _change(system, f"{options.mark}-{n % OBJECTS}", n))
    compare(report, "image changed on the hub → in both members", rows)
    report.note("bound as a create is, with one decision and one commit of the hub less: the placement stands")
    return report


async def _change(system: System, name: str, n: int) -> Row:
    image = f"registry.example/team/service:2.{n}"
    journey = await system.change(f"web-{name}", image)
    await pause()
    straight = await system.straight(deployment(f"{STRAIGHT}-{name}", image))
    await pause()
    return Row(journey, straight)
