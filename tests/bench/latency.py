"""Benchmark: from a create on the hub until both members hold the object, one at a time, beside direct writes."""

import asyncio
import random
from collections.abc import Sequence
from typing import NamedTuple

from .bed import PULL, PUSH, bed
from .charts import distribution
from .load import STRAIGHT, deployment
from .options import Options
from .progress import say, steps
from .report import Report
from .rival import rivals
from .system import Journey, System

__all__ = ["Row", "compare", "in_turn", "measure", "pause", "title"]

_ORDER = random.Random(7)
WARM_UP = 5


class Row(NamedTuple):
    """A write on the hub, and the same straight to the members; milliseconds."""

    journey: Journey
    straight: float


def title(what: str, options: Options, *, is_real: bool) -> str:
    fsync = "etcd flushes each write" if options.etcd_fsync else "etcd does not flush"
    target = f"real kube-apiservers ({fsync})" if is_real else "simulated members"
    beside = f", beside {options.rival.name}" if options.rival and is_real else ""
    return f"{what}, {target}{beside}"


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(title("latency", options, is_real=is_real))
    say(report.title)
    async with bed(options, is_real=is_real) as made, rivals(options, is_real=is_real) as others:
        systems = [made.system, *others]
        for n in range(WARM_UP):
            for system in systems:
                await _create(system, f"{options.mark}-warm-{n}")
        rows: dict[str, list[Row]] = {system.name: [] for system in systems}
        with steps("create, one at a time", options.singles) as each:
            for n in each:
                for system in in_turn(systems, n):
                    rows[system.name].append(await _create(system, f"{options.mark}-{n}"))
    compare(report, "create on the hub → in both members", rows)
    ours = rows[made.system.name]
    report.spread("create → in the Pull member", [row.journey.members[PULL] for row in ours])
    report.spread("create → in the Push member", [row.journey.members[PUSH] for row in ours])
    report.spread("create → acknowledged by the hub", [row.journey.acked for row in ours])
    report.note(
        "bound by what is done one after the other: four commits in NATS, each flushed (see R0): template, binding, "
        "placement, Works; between them the hub's decisions, after them the agent's journal and its write"
    )
    return report


def compare(report: Report, what: str, rows: dict[str, list[Row]]) -> None:
    """Each system beside its floor, then others beside the first, which is ours."""
    curves: dict[str, list[float]] = {}
    through, (ours, *others) = {}, rows
    for name, found in rows.items():
        of = f"{name}: " if others else ""
        curves[of + "through the hub"] = [row.journey.last for row in found]
        curves[of + "straight to both members"] = [row.straight for row in found]
        through[name] = report.spread(of + what, [row.journey.last for row in found])
        floor = report.spread(f"{of}the same straight to both members", [row.straight for row in found])
        report.overhead(f"{of}overhead: the first over the second", through[name], floor)
    for other in others:
        report.overhead(f"{other} over {ours}", through[other], through[ours])
    report.charts.append(distribution(f"B1: {what}", curves))


def in_turn(systems: Sequence[System], n: int) -> Sequence[System]:
    """In an order that changes, so that none always follows the other."""
    return systems if n % 2 == 0 else systems[::-1]


async def _create(system: System, name: str) -> Row:
    journey = await system.create(deployment(f"web-{name}"))
    await pause()
    straight = await system.straight(deployment(f"{STRAIGHT}-{name}"))
    await pause()
    return Row(journey, straight)


async def pause() -> None:
    """Not always the same, so that nothing periodic falls into step with us."""
    await asyncio.sleep(_ORDER.uniform(0.01, 0.04))
