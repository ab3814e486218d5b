"""Benchmark: hub and NATS killed -9 with tens of thousands of settled Works: how soon is a new template served."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from flotilla_common.errors import FlotillaError
from tests.swarm.engine import Applied

from .arrivals import now
from .load import deployment
from .options import Options
from .proc import memory
from .progress import say
from .report import Report
from .yard import Yard, everywhere_in, yard

__all__ = ["measure"]

SIZES = (1_000, 10_000, 50_000)
"""Settled Works."""
CLUSTERS = 10
EVERY = 0.25
"""Seconds between two new templates."""


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(f"hub and NATS killed, {CLUSTERS} stub clusters")
    say(report.title)
    async with yard(options) as made:
        swarm = await made.join_swarm(CLUSTERS)
        await made.client.create(everywhere_in(CLUSTERS))
        there = 0
        for works in SIZES:
            names = [f"web-{n}" for n in range(there, works // CLUSTERS)]
            there += len(names)
            done = (await swarm.counts())["writes"] + len(names) * CLUSTERS
            say(f"  settle {works} Works")
            await made.create_all(names)
            await swarm.written(done, patience=300)
            await made.quiet(patience=300)
            await _kill(made, works, report)
    report.note(f"a new template every {EVERY:g} s, whether the hub answers or not; its Works stay")
    return report


async def _kill(made: Yard, works: int, report: Report) -> None:
    (swarm,) = made.swarms
    await swarm.take()
    before = await made.sequences()
    say("  kill -9, start again")
    made.kill_nats()
    await made.hub.kill()
    start = now()
    await made.hub.start()
    async with _new_templates(made, f"new-{works}") as created:
        await made.ready()
        answers = now() - start
        await swarm.written((await swarm.counts())["writes"] + CLUSTERS)
    settled = await made.quiet(patience=300) - start
    peak, cpu = memory(made.hub.pid).peak, made.hub_cpu()
    applied, after = await swarm.take(), await made.sequences()
    fresh = [a for a in applied if _is_new(a)]
    grown = {name: after[name] - before[name] for name in before}
    report.value(f"{works} Works: hub started again → its API answers", answers, "s")
    report.value("→ a new template in the first cluster", min(a.at for a in fresh) - start, "s")
    report.value("→ the hub has looked at everything and is idle", settled, "s")
    report.value("writes of old objects in the members", len(applied) - len(fresh), "", beside="must be 0")
    report.value("old Works published again", grown["works"] - CLUSTERS * len(created), "", beside="must be 0")
    report.say("commits, new templates' among them", ", ".join(f"{name} {n}" for name, n in grown.items()))
    report.say("new templates", str(len(created)))
    report.value("CPU of the hub until idle", cpu["hub"], "s", beside=f"NATS {cpu['nats']:.1f} s")
    report.value("peak RSS of the hub", peak, "MiB", beside=f"NATS {memory(made.nats_pid).peak:.0f} MiB")


@asynccontextmanager
async def _new_templates(made: Yard, prefix: str) -> AsyncIterator[list[str]]:
    """A user creates one after another, whether the hub answers or not; the names of those it has accepted."""
    accepted: list[str] = []

    async def create() -> None:
        for n in range(10_000):
            name = f"{prefix}-{n}"
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


def _is_new(applied: Applied) -> bool:
    return applied.what.startswith("Deployment default/new-")
