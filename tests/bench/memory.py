"""Benchmark: what the processes hold in memory: idle with two members, and with many Deployments in both."""

import asyncio

from .bed import Bed, bed
from .burst import settled
from .latency import title
from .load import deployment, in_crowd
from .options import Options
from .proc import memory
from .progress import say
from .report import Report

__all__ = ["measure"]

SETTLE = 10.0
"""Seconds of rest before a look: what was only needed for the work has gone back by then, or never will."""


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(title("memory", options, is_real=is_real))
    say(report.title)
    async with bed(options, is_real=is_real) as made:
        await _look(made, "idle", report)
        names = [f"web-{n}" for n in range(options.crowd)]
        await in_crowd(made.client.create, map(deployment, names))
        await made.arrived(names)
        await settled(made, set(names))
        await _look(made, f"with {options.crowd} Deployments in both members", report)
    report.note("MiB. PSS shares what processes map together; a simulated cluster counts as its agent's")
    return report


async def _look(made: Bed, when: str, report: Report) -> None:
    say(f"  rest, then look: {when}")
    await made.quiet()
    await asyncio.sleep(SETTLE)
    found = {name: memory(pid) for name, pid in made.pids().items()}
    hub, nats = found["hub"], found["nats"]
    for name, held in found.items():
        label = {"agent pull": "agent run", "agent push": "agent remote"}.get(name, name)
        report.say(f"{when}: {label}", str(held))
        report.keep(f"{when}: {label}, RSS", held.rss, "MiB")
        report.keep(f"{when}: {label}, PSS", held.pss, "MiB")
    together = f"{when}: hub and NATS together, PSS"
    report.value(together, hub.pss + nats.pss, "MiB", beside=f"RSS {hub.rss + nats.rss:.0f}")
