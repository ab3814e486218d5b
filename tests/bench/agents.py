"""Benchmark: thousands of idle agents with a heartbeat every 10 s: CPU and memory of hub and NATS at each size."""

import asyncio

from .arrivals import now
from .load import deployment
from .options import Options
from .proc import difference, memory
from .progress import say
from .report import Report
from .yard import Yard, everywhere_in, yard

__all__ = ["measure"]

SIZES = (500, 1_000, 2_000, 5_000)
PER_PROCESS = 1_000
"""Agents in one swarm process: what half a core carries while they all come."""
REST, WATCHED = 15.0, 30.0
"""Seconds of rest before a look, and of the look: three heartbeats of every agent."""
PROBES = 10
STILL = 0.6
"""Share of a core below which the hub has done with those that joined: thousands of heartbeats go on."""


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report("idle agents, heartbeats every 10 s")
    say(report.title)
    async with yard(options) as made:
        await made.client.create(everywhere_in(1))
        there = 0
        for size in map(options.less, SIZES):
            say(f"  join, to {size}")
            start = now()
            more = size - there
            await made.join_swarm(more, processes=-(-more // PER_PROCESS), patience=600, idle=STILL)
            say(f"    {now() - start:.1f} s")
            report.value(f"{size} agents: joined since {there}, Ready, hub at rest", now() - start, "s")
            there = size
            await _look(made, size, report)
    return report


async def _look(made: Yard, size: int, report: Report) -> None:
    await asyncio.sleep(REST)
    before, swarm, start = made.hub_cpu(), made.swarm_cpu(), now()
    await asyncio.sleep(WATCHED)
    seconds = now() - start
    used = difference(before, made.hub_cpu())
    beats = size * seconds / 10
    for name, cpu in used.items():
        report.value(
            f"CPU of {name}", 100 * cpu / seconds, "% of a core", beside=f"{cpu / beats * 1e6:.0f} µs/heartbeat"
        )
    report.say("CPU of the swarm", f"{100 * (made.swarm_cpu() - swarm) / seconds:.1f} % of a core")
    for name, pid in (("hub", made.hub.pid), ("nats", made.nats_pid)):
        report.value(f"PSS of {name}", memory(pid).pss, "MiB", beside=str(memory(pid)))
    report.spread(f"{size} agents: create → in one member", await _probe(made, size))
    report.value("agents asked to read again", sum([(await s.counts())["resyncs"] for s in made.swarms]), "")


async def _probe(made: Yard, size: int) -> list[float]:
    """Milliseconds from create to applied in the first cluster, one at a time."""
    swarm, taken = made.swarms[0], []
    await swarm.take()
    for n in range(PROBES):
        done, start = (await swarm.counts())["writes"] + 1, now()
        await made.client.create(deployment(f"probe-{size}-{n}"))
        await swarm.written(done)
        taken.append(((await swarm.take())[-1].at - start) * 1e3)
        await asyncio.sleep(0.5)
    return taken
