"""Benchmark: what real agents cost hub and NATS, beside as many of the swarm: whether the swarm's slopes are true."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

from .arrivals import now
from .charts import Slope, growth
from .figures import line_through
from .options import Options
from .proc import cpu_seconds, difference, memory
from .progress import rest, say
from .report import Report
from .stubs import Stubs
from .yard import Yard, yard

__all__ = ["measure"]

SIZES = (10, 20, 40)
REST, WATCHED = 15.0, 30.0
"""Seconds of rest before a look, and of the look: three heartbeats of every agent."""
Join = Callable[[int], Awaitable[object]]
"""So many agents more, Ready on the hub."""


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(f"{options.less(SIZES[-1])} real agents beside as many of the swarm")
    say(report.title)
    points: dict[str, list[tuple[float, float]]] = {}
    async with yard(options) as made:
        await _grow(report, points, made, "agents of the swarm", made.join_swarm)
    async with yard(options) as made, AsyncExitStack() as stack:
        stubs = await stack.enter_async_context(Stubs(made, "real", options.less(SIZES[-1])))
        await _grow(report, points, made, "real agents", stubs.join)
        held = [memory(agent.pid).pss for agent in stubs.agents.values()]
        used = [cpu_seconds(agent.pid) for agent in stubs.agents.values()]
    report.value("PSS of one real agent", sum(held) / len(held), "MiB", beside="the mean")
    report.value("CPU of one real agent, since its start", sum(used) / len(used), "s", beside="the mean")
    title = "B5: memory of hub and NATS, by number of agents"
    report.charts.append(growth(title, "agents", "PSS, MiB", points, fit=Slope("KiB/agent", 1024)))
    report.note(
        "real agents over a stub API server; each size after 15 s of rest, CPU over 30 s; heartbeats every 10 s"
    )
    return report


async def _grow(
    report: Report, points: dict[str, list[tuple[float, float]]], made: Yard, what: str, join: Join
) -> None:
    there = 0
    for size in sorted({made.options.less(size) for size in SIZES}):
        if size > there:
            await join(size - there)
            there = size
        await made.quiet()
        await rest(f"rest, then look: {size} {what}", REST)
        for name, mib in made.held().items():
            points.setdefault(f"{name}, {what}", []).append((size, mib))
            report.cell(f"PSS of {name}, {what}", f"{size} agents", mib, "MiB")
        for name, share in (await _idle_cpu(made)).items():
            report.cell(f"CPU of {name}, {what}", f"{size} agents", share * 1e3, "mCPU")
    for name in made.held():
        line = line_through(points[f"{name}, {what}"])
        beside = f"intercept {line.intercept:.1f} MiB, R² {line.r2:.3f}"
        report.value(f"PSS of {name} for each of the {what}", line.slope * 1024, "KiB", beside=beside)


async def _idle_cpu(made: Yard) -> Mapping[str, float]:
    """Shares of a core."""
    before, start = made.hub_cpu(), now()
    await asyncio.sleep(WATCHED)
    return {name: seconds / (now() - start) for name, seconds in difference(before, made.hub_cpu()).items()}
