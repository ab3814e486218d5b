"""Benchmark: many Deployments at once to two members: until acknowledged, applied, settled; CPU, commits, floor."""

import asyncio
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flotilla_common.objects import Obj, name_of

from .arrivals import now
from .bed import Bed, bed
from .charts import over_time
from .figures import number, spread
from .latency import title
from .load import STRAIGHT
from .members import ready_of
from .options import Options
from .proc import busy_seconds, difference, idle
from .progress import say
from .report import Report
from .rival import rivals
from .system import Burst, System

__all__ = ["READY", "measure", "settled"]

READY = 4
"""Replicas of a Deployment that both simulated members have made ready."""
OTHERS = "others on this machine"


class _Round(NamedTuple):
    burst: Burst
    floor: float
    """Seconds until as many objects, written straight to the members, were all there."""


@dataclass
class _Costs:
    """Of our bursts, all rounds together; CPU in seconds."""

    settled: list[float] = field(default_factory=list)
    """Seconds of each round, until the hub showed what the members report."""
    cpu: Counter[str] = field(default_factory=Counter)
    """By process, until settled."""
    cpu_applied: Counter[str] = field(default_factory=Counter)
    cpu_straight: Counter[str] = field(default_factory=Counter)
    """While as much was written straight to the members."""
    commits: Counter[str] = field(default_factory=Counter)


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(title(f"burst of {options.crowd} Deployments", options, is_real=is_real))
    say(report.title)
    costs = _Costs()
    async with bed(options, is_real=is_real) as made, rivals(options, is_real=is_real) as others:
        rounds: dict[str, list[_Round]] = {system.name: [] for system in (made.system, *others)}
        for n in range(options.rounds):
            names = [f"{options.mark}-{n}-{k}" for k in range(options.crowd)]
            rounds[made.system.name].append(await _ours(made, names, costs))
            for other in others:
                await idle()
                rounds[other.name].append(await _theirs(other, names))
                await idle()
    report.works = 2 * options.crowd * options.rounds
    _say_times(report, rounds, options.crowd)
    _say_costs(report, costs, report.works)
    _say_bound(report, costs.cpu_applied, sum(found.burst.applied for found in rounds[made.system.name]))
    curves = {name: found[0].burst.arrived for name, found in rounds.items()}
    report.charts.append(over_time("B3: objects in the members", "objects", curves, "the first create"))
    return report


async def _theirs(system: System, names: Sequence[str]) -> _Round:
    say(f"  {system.name}: write straight to the members")
    floor = await system.straight_burst(f"{STRAIGHT}-{name}" for name in names)
    await idle()
    say(f"  {system.name}: create them on the hub")
    return _Round(await system.burst(f"web-{name}" for name in names), floor.applied)


async def _ours(made: Bed, names: Sequence[str], costs: _Costs) -> _Round:
    wanted = [f"web-{name}" for name in names]
    say("  write as many straight to the members")
    cpu = made.cpu()
    floor = await made.system.straight_burst(f"{STRAIGHT}-{name}" for name in names)
    costs.cpu_straight.update(difference(cpu, made.cpu()))
    await idle()
    cpu, sequences, start, busy = made.cpu(), await made.sequences(), now(), busy_seconds()
    say("  create them on the hub")
    burst = await made.system.burst(wanted)
    used = difference(cpu, made.cpu())
    costs.cpu_applied.update({**used, OTHERS: busy_seconds() - busy - sum(used.values())})
    say("  wait until the hub shows it")
    costs.settled.append(await settled(made, set(wanted)) - start)
    costs.cpu.update(difference(cpu, made.cpu()))
    costs.commits.update(difference(sequences, await made.sequences()))
    return _Round(burst, floor.applied)


def _say_times(report: Report, rounds: Mapping[str, Sequence[_Round]], crowd: int) -> None:
    ours, *others = rounds
    for name, found in rounds.items():
        of = f"{name}: " if others else ""
        applied = [each.burst.applied for each in found]
        rate = f"{number(2 * crowd / spread(applied).p50)} works/s"
        report.median(f"{of}all applied in both members", applied, "s", beside=rate)
        report.median(f"{of}  over writing straight to them", [each.burst.applied / each.floor for each in found], "×")
        acked = [each.burst.acked for each in found]
        report.median(f"{of}all acknowledged by the hub", acked, "s", beside=f"{number(crowd / spread(acked).p50)}/s")
        report.spread(f"{of}an object's arrival since the start", [at * 1e3 for at in found[0].burst.arrived])
    for other in others:
        pairs = zip(rounds[other], rounds[ours], strict=True)
        report.median(f"{other} over {ours}", [a.burst.applied / b.burst.applied for a, b in pairs], "×")


def _say_costs(report: Report, costs: _Costs, works: int) -> None:
    report.median("all settled: the hub shows what the members report", costs.settled, "s")
    for name, seconds in costs.cpu.items():
        report.value(f"CPU of {name} per 1,000 Works, until settled", seconds * 1000 / works, "s")
    if servers := costs.cpu_straight.get("members' servers"):
        per = servers * 1000 / works
        report.value("CPU of the members' servers per 1,000 writes straight to them", per, "s")
    report.per_work(costs.commits, works)


def _say_bound(report: Report, cpu: Mapping[str, float], seconds: float) -> None:
    """Who was busy until all was applied."""
    shares = ", ".join(f"{name} {_percent(used / seconds)}" for name, used in sorted(cpu.items(), key=lambda i: -i[1]))
    whole = os.cpu_count() or 1
    idle_cores = max(0.0, whole - sum(cpu.values()) / seconds)
    report.note(
        f"share of one core until all was applied: {shares}; {_percent(idle_cores)} of {whole} cores was idle. "
        "Where little is idle, CPU bounds it; else the round trips to NATS, which flushes each commit"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


async def settled(made: Bed, names: set[str]) -> float:
    """When the hub first showed all of them as the members have them. Asked only now: a watch costs the hub, too."""
    resource = "resourcebindings" if made.is_real else "deployments"
    left, done, at = set(names), asyncio.Event(), now()

    def note(obj: Obj) -> None:
        nonlocal at
        if _is_settled(obj):
            at = now()
            left.discard(_template_of(obj))
            if not left:
                done.set()

    async with asyncio.timeout(made.options.patience), made.watching_hub(resource, note):
        await done.wait()
    return at


def _is_settled(obj: Obj) -> bool:
    """Ready in both members, where controllers are simulated; applied in both, where no controllers run."""
    if obj["kind"] == "Deployment":
        return ready_of(obj) == READY
    status = obj.get("status") or {}
    return [item["applied"] for item in status.get("aggregatedStatus") or ()] == [True, True]


def _template_of(obj: Obj) -> str:
    return name_of(obj) if obj["kind"] == "Deployment" else str(obj["spec"]["resource"]["name"])
