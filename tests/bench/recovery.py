"""Benchmark: hub and NATS killed -9 with tens of thousands of settled Works: how soon is a new template served."""

from tests.swarm.engine import Applied

from .options import Options
from .proc import memory
from .progress import say
from .relaunch import EVERY, relaunch, say_relaunch
from .report import Report
from .yard import Yard, everywhere_in, yard

__all__ = ["measure"]

SIZES = (1_000, 10_000, 50_000)
"""Settled Works."""
CLUSTERS = 10


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(f"hub and NATS killed, {CLUSTERS} stub clusters")
    say(report.title)
    async with yard(options) as made:
        swarm = await made.join_swarm(CLUSTERS)
        await made.client.create(everywhere_in(CLUSTERS))
        there = 0
        for works in map(options.less, SIZES):
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

    async def served() -> None:
        await swarm.written((await swarm.counts())["writes"] + CLUSTERS)

    say("  kill -9, start again")
    found = await relaunch(made, f"new-{works}-", served)
    peak, cpu = memory(made.hub.pid).peak, made.hub_cpu()
    applied = await swarm.take()
    fresh = [a for a in applied if _is_new(a)]
    report.value(f"{works} Works: hub started again → its API answers", found.answers, "s")
    report.value("→ a new template in the first cluster", min(a.at for a in fresh) - found.start, "s")
    report.value("writes of old objects in the members", len(applied) - len(fresh), "", beside="must be 0")
    say_relaunch(report, found, clusters=CLUSTERS, held=f"{works} Works")
    report.value("CPU of the hub until idle", cpu["hub"], "s", beside=f"NATS {cpu['nats']:.1f} s")
    report.value("peak RSS of the hub", peak, "MiB", beside=f"NATS {memory(made.nats_pid).peak:.0f} MiB")


def _is_new(applied: Applied) -> bool:
    return applied.what.startswith("Deployment default/new-")
