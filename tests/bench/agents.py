"""Benchmark: thousands of idle agents with a heartbeat every 10 s: CPU, memory, lag, and latency at each size."""

import asyncio

from .arrivals import now
from .beats import lags
from .charts import growth
from .figures import line_through, number
from .load import deployment
from .options import Options
from .proc import difference, memory
from .progress import rest, say, steps
from .report import Report
from .yard import Yard, everywhere_in, yard

__all__ = ["measure"]

SIZES = (1_000, 2_500, 5_000, 10_000)
PER_PROCESS = 1_000
"""Agents in one swarm process: what half a core carries while they all come."""
HEARTBEAT = 10.0
REST, WATCHED = 15.0, 30.0
"""Seconds of rest before a look, and of the look: three heartbeats of every agent."""
PROBES = 20
STILL = 0.6
"""Share of a core below which the hub has done with those that joined: thousands of heartbeats go on."""
ROOM = 4096.0
"""MiB that hub and NATS may take together, for the figure of how many agents that would be."""


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(f"idle agents, a heartbeat every {HEARTBEAT:g} s")
    say(report.title)
    held: dict[str, list[tuple[float, float]]] = {"hub": [], "NATS": []}
    late: dict[str, list[tuple[float, float]]] = {"P50": [], "P99": []}
    async with yard(options) as made:
        await made.client.create(everywhere_in(1))
        there = 0
        for size in map(options.less, SIZES):
            joined = await _join(made, size - there)
            report.cell("joined, Ready, hub at rest", _agents(size), joined, "s")
            there = size
            await _watch(made, size, report, late)
            for name, pid in (("hub", made.hub.pid), ("NATS", made.nats_pid)):
                held[name].append((size, memory(pid).pss))
                report.cell(f"PSS of {name}", _agents(size), memory(pid).pss, "MiB")
            report.quantiles("create → in one member", _agents(size), await _probe(made, size))
    _say_slopes(report, held)
    title = "B5: memory of hub and NATS by number of idle agents"
    report.charts.append(growth(title, "agents connected", "PSS, MiB", held))
    title = "B5: age of a heartbeat when the hub takes note of it"
    report.charts.append(growth(title, "agents connected", "ms", late))
    return report


async def _join(made: Yard, more: int) -> float:
    """Seconds."""
    start = now()
    await made.join_swarm(more, processes=-(-more // PER_PROCESS), patience=600, idle=STILL)
    return now() - start


async def _watch(made: Yard, size: int, report: Report, late: dict[str, list[tuple[float, float]]]) -> None:
    await rest("rest", REST)
    before, swarm, start, wire = made.hub_cpu(), made.swarm_cpu(), now(), await _bytes(made)
    heard, resyncs = len(lags(made.beats)), await _resyncs(made)
    await rest(f"watch {size} idle agents", WATCHED)
    seconds = now() - start
    aged = [age * 1e3 for age in lags(made.beats)[heard:]]
    for name, cpu in difference(before, made.hub_cpu()).items():
        report.cell(f"CPU of {name}", _agents(size), 100 * cpu / seconds, "% of a core")
        report.cell(f"CPU of {name} per heartbeat", _agents(size), cpu / max(len(aged), 1) * 1e6, "µs")
    report.cell("CPU of the swarm", _agents(size), 100 * (made.swarm_cpu() - swarm) / seconds, "% of a core")
    report.cell("heartbeats heard", _agents(size), 100 * len(aged) * HEARTBEAT / seconds / size, "% of those due")
    report.cell("on the wire, both ways", _agents(size), (await _bytes(made) - wire) / seconds / size, "B/s per agent")
    report.cell("asked to read again while idle", _agents(size), await _resyncs(made) - resyncs, "agents")
    found = report.quantiles("age of a heartbeat in the hub", _agents(size), aged)
    late["P50"].append((size, found.p50))
    late["P99"].append((size, found.p99))


def _say_slopes(report: Report, held: dict[str, list[tuple[float, float]]]) -> None:
    fits = {name: line_through(points) for name, points in held.items()}
    for name, fit in fits.items():
        beside = f"and {number(fit.intercept)} MiB with none, R² {fit.r2:.3f}"
        report.value(f"{name}, memory per agent", fit.slope * 1024, "KiB", beside=beside)
    room = ROOM - sum(fit.intercept for fit in fits.values())
    slope = sum(fit.slope for fit in fits.values())
    report.value(f"agents that {ROOM / 1024:g} GiB would hold at that", room / slope, "", beside="(from the slope)")


async def _bytes(made: Yard) -> int:
    return sum([sent + received for s in made.swarms for _, _, sent, received in await s.links()])


async def _resyncs(made: Yard) -> int:
    return sum([(await s.counts())["resyncs"] for s in made.swarms])


def _agents(size: int) -> str:
    return f"{size} agents"


async def _probe(made: Yard, size: int) -> list[float]:
    """Milliseconds from create to applied in the first cluster, one at a time."""
    swarm, taken = made.swarms[0], []
    await swarm.take()
    with steps("create, one at a time", PROBES) as each:
        for n in each:
            done, start = (await swarm.counts())["writes"] + 1, now()
            await made.client.create(deployment(f"probe-{size}-{n}"))
            await swarm.written(done)
            taken.append(((await swarm.take())[-1].at - start) * 1e3)
            await asyncio.sleep(0.5)
    return taken
