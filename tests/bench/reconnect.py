"""Benchmark: NATS is killed under a thousand agents and stays away; part of the Works change; then all come back.

The hub is held by SIGSTOP for as long, so that it does not start NATS again. The changes are made by a user as soon as
the hub answers again, while nearly all agents still wait for their next try.
"""

import os
import signal
from collections.abc import Mapping

from tests.swarm.handle import Swarm

from .arrivals import now
from .charts import share_over_time
from .figures import percentile
from .load import DEPLOYMENTS, STRATEGIC_MERGE, deployment, in_crowd
from .options import Options
from .proc import difference, memory
from .progress import progress, rest, say
from .report import Report
from .yard import Yard, everywhere_in, yard

__all__ = ["measure"]

AGENTS, PER_AGENT, PROCESSES = 1_000, 20, 1
"""Each agent holds as many Works as there are templates: every template goes to all of them."""
CHANGED = 1
"""Templates changed while the agents are away: 5 % of their Works."""
AWAY = 30.0
"""Seconds."""


async def measure(options: Options, *, is_real: bool) -> Report:
    agents = options.less(AGENTS)
    report = Report(f"NATS killed for {AWAY:g} s under {agents} agents with {PER_AGENT} Works each")
    say(report.title)
    async with yard(options) as made:
        swarm = await made.join_swarm(agents, processes=PROCESSES, patience=300)
        await made.client.create(everywhere_in())
        await made.settle(swarm, [f"web-{n}" for n in range(PER_AGENT)], works=agents * PER_AGENT)
        await swarm.take()
        await _storm(report, made, swarm)
    return report


async def _storm(report: Report, made: Yard, swarm: Swarm) -> None:
    before, changes = await swarm.counts(), swarm.count * CHANGED
    cpu = {"hub": made.hub_cpu()["hub"], "swarm": made.swarm_cpu()}
    down = await _outage(made)
    back, done = now(), before["writes"]
    await _change(made)
    with progress("back again, changes applied", changes) as reached:
        await swarm.written(done + changes, patience=120, note=lambda n: reached(n - done))
    settled = await made.quiet(patience=120) - back
    used = difference(cpu, {"hub": made.hub_cpu()["hub"], "swarm": made.swarm_cpu()})
    used["nats"] = made.hub_cpu()["nats"]
    applied, links, after = await swarm.take(), await swarm.links(), await swarm.counts()
    times = {"connected again": [link[1] - back for link in links], "changed": [a.at - back for a in applied]}
    _say_times(report, times)
    title = f"B7: {swarm.count} agents, after NATS was away for {down:.0f} s"
    report.charts.append(share_over_time(title, times, swarm.count, "the hub answers again"))
    report.value("→ the hub has settled", settled, "s")
    report.value("bytes per agent since it is back, both ways", _mean(links), "B", beside=_bytes(links))
    report.value("writes beyond the changes", len(applied) - changes, "", beside="must be 0")
    report.value("agents the hub asked to read again", after["resyncs"] - before["resyncs"], "")
    report.value("consumers left over", await made.consumers(), "", beside="must be 0")
    report.say("CPU", ", ".join(f"{name} {seconds:.1f} s" for name, seconds in used.items()))
    report.value("peak RSS of the hub", memory(made.hub.pid).peak, "MiB", beside=_nats(made))
    report.note(
        f"times since the hub answers again; NATS was away for {down:.1f} s, agents wait up to 30 s between tries"
    )


async def _outage(made: Yard) -> float:
    """Returns how long NATS was away, in seconds, until the hub answered again."""
    start = now()
    os.kill(made.hub.pid, signal.SIGSTOP)
    try:
        made.kill_nats()
        await rest("NATS is away", AWAY)
    finally:
        os.kill(made.hub.pid, signal.SIGCONT)
    await made.ready()
    return now() - start


async def _change(made: Yard) -> None:
    """A new image in some templates."""

    async def patch(n: int) -> None:
        change = {"spec": deployment(f"web-{n}", "registry.example/team/service:2.0")["spec"]}
        await made.client.call("PATCH", f"{DEPLOYMENTS}/web-{n}", change, content_type=STRATEGIC_MERGE)

    await in_crowd(patch, range(CHANGED))


def _say_times(report: Report, times: Mapping[str, list[float]]) -> None:
    for what, taken in times.items():
        ordered = sorted(taken)
        shares: Mapping[str, float] = {"50 %": 0.5, "99 %": 0.99, "100 %": 1.0}
        for share, part in shares.items():
            report.value(f"{what}: {share}", percentile(ordered, part), "s")
        for at in ordered:
            report.keep(what, at, "s")


def _mean(links: list[tuple[str, float, int, int]]) -> float:
    return sum(sent + received for _, _, sent, received in links) / len(links)


def _bytes(links: list[tuple[str, float, int, int]]) -> str:
    received = sorted(link[3] for link in links)
    return f"received {percentile(received, 0.5)} at P50, {received[-1]} at most"


def _nats(made: Yard) -> str:
    return f"NATS {memory(made.nats_pid).peak:.0f} MiB"
