"""Benchmark: what one real agent process costs: idle, with Works, beside many nodes and pods, for Push clusters."""

import asyncio

from tests.fleet import Process
from tests.manifests import policy

from .arrivals import now
from .options import Options
from .proc import cpu_seconds, memory, open_files, threads
from .progress import rest, say
from .report import Report
from .stubs import Stubs
from .yard import Yard, yard

__all__ = ["measure"]

WORKS = (100, 1_000)
NODES, PODS = 5_000, 20_000
"""Karmada's published large member."""
CHANGES = 50
"""Statuses of pods per second that change in a busy one."""
CLUSTERS = 100
"""Push clusters of one agent."""
REST, WATCHED = 10.0, 60.0
"""Seconds of rest before a look, and of the look: long enough for two counts of nodes and pods."""


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report("footprint of one agent process")
    say(report.title)
    async with yard(options) as made:
        async with Stubs(made, "small", 1) as small:
            (name,) = await small.join()
            await _look(report, small.agents[name], "idle")
            await _works(made, report, small)
        nodes, pods = options.less(NODES), options.less(PODS)
        for changes in (0, CHANGES):
            name = f"large-{changes}"
            async with Stubs(made, name, 1, nodes=nodes, pods=pods, changes=changes) as large:
                (name,) = await large.join()
                await _look(report, large.agents[name], f"{nodes} nodes, {pods} pods, {changes} changes/s")
        await _push(made, report)
    report.note(f"each after {REST:g} s of rest, over {WATCHED:g} s; the member is a stub API server over loopback")
    return report


async def _works(made: Yard, report: Report, stubs: Stubs) -> None:
    ((name, agent),) = stubs.agents.items()
    await made.client.create(policy("everywhere", name))
    there = 0
    for count in map(made.options.less, WORKS):
        await made.create_all(f"web-{n}" for n in range(there, count))
        there = count
        await stubs.hold(count)
        await made.quiet()
        await _look(report, agent, f"{count} Works")


async def _push(made: Yard, report: Report) -> None:
    """The one agent that serves all Push clusters."""
    agent = made.agents["remote"] = made.remote()
    await agent.start()
    await _look(report, agent, "Push: none")
    alone = memory(agent.pid).pss
    count = made.options.less(CLUSTERS)
    async with Stubs(made, "push", count) as stubs:
        await stubs.push(count)
        await _look(report, agent, f"Push: {count} clusters")
        report.value(
            "PSS of the agent of Push clusters, for each", (memory(agent.pid).pss - alone) / count * 1024, "KiB"
        )


async def _look(report: Report, agent: Process, when: str) -> None:
    await rest(f"rest, then look: {when}", REST)
    used, start = cpu_seconds(agent.pid), now()
    await asyncio.sleep(WATCHED)
    share = (cpu_seconds(agent.pid) - used) / (now() - start)
    held = memory(agent.pid)
    report.cell("CPU", when, share * 1e3, "mCPU")
    report.cell("CPU since its start", when, cpu_seconds(agent.pid), "s")
    report.cell("PSS", when, held.pss, "MiB")
    report.cell("RSS", when, held.rss, "MiB")
    report.cell("peak RSS", when, held.peak, "MiB")
    report.cell("threads", when, threads(agent.pid), "")
    report.cell("descriptors", when, open_files(agent.pid), "")
