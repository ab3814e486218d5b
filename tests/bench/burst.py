"""Benchmark: many Deployments at once to two members: until acknowledged, applied, settled; CPU, commits, floor."""

import asyncio
import os
from collections.abc import Mapping

from flotilla_common.objects import Obj, name_of

from .arrivals import now
from .bed import PULL, PUSH, Bed, bed
from .figures import number, times
from .latency import title
from .load import deployment, in_crowd
from .members import ready_of
from .options import Options
from .proc import busy_seconds, difference
from .progress import say
from .report import Report

__all__ = ["READY", "measure", "settled"]

READY = 4
"""Replicas of a Deployment that both simulated members have made ready."""


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(title(f"burst of {options.crowd} Deployments", options, is_real=is_real))
    say(report.title)
    async with bed(options, is_real=is_real) as made:
        names = [f"web-{n}" for n in range(options.crowd)]
        floor = await _straight(made, [f"straight-{n}" for n in range(options.crowd)], report)
        cpu, sequences = made.cpu(), await made.sequences()
        say("  create them on the hub")
        start, busy = now(), busy_seconds()
        await in_crowd(made.client.create, map(deployment, names))
        acked = now() - start
        arrived = [at - start for at in await made.arrived(names)]
        applied, cpu_applied = max(arrived), difference(cpu, made.cpu())
        others = busy_seconds() - busy - sum(cpu_applied.values())
        say("  wait until the hub shows it")
        all_settled = await settled(made, set(names)) - start
        cpu, commits = difference(cpu, made.cpu()), difference(sequences, await made.sequences())
    works = 2 * options.crowd
    report.value("all applied in both members", applied, "s", beside=f"{number(works / applied)} works/s")
    report.say("  over writing straight to the members", f"{times(applied / floor)} of {number(floor)} s")
    report.value("all acknowledged by the hub", acked, "s", beside=f"{number(options.crowd / acked)} creates/s")
    report.value("all settled: the hub shows what the members report", all_settled, "s")
    report.spread("an object's arrival since the start", [at * 1e3 for at in arrived])
    _say_costs(report, cpu, commits, works)
    _say_bound(report, cpu_applied, others, applied)
    return report


def _say_costs(report: Report, cpu: Mapping[str, float], commits: Mapping[str, int], works: int) -> None:
    for name, seconds in cpu.items():
        report.value(f"CPU of {name} per 1,000 Works, until settled", seconds * 1000 / works, "s")
    each = ", ".join(f"{name} {number(count / works)}" for name, count in commits.items())
    report.value("commits of the hub's streams per Work", sum(commits.values()) / works, "", beside=f"({each})")


def _say_bound(report: Report, cpu: Mapping[str, float], others: float, seconds: float) -> None:
    """Who was busy until all was applied."""
    shares = ", ".join(f"{name} {_percent(used / seconds)}" for name, used in _largest_first(cpu))
    whole = os.cpu_count() or 1
    idle = max(0.0, whole - (sum(cpu.values()) + others) / seconds)
    report.note(
        f"share of one core until all was applied: {shares}; others on this machine {_percent(others / seconds)}; "
        f"{_percent(idle)} of {whole} cores was idle. Where little is idle, CPU bounds it; "
        "else the round trips to NATS, which flushes each commit"
    )


def _largest_first(cpu: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(cpu.items(), key=lambda item: -item[1])


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


async def _straight(made: Bed, names: list[str], report: Report) -> float:
    """Seconds to write the same number of objects straight to both members, until the observer has seen them."""
    say("  write as many straight to the members")
    before, start = made.cpu(), now()
    targets = [(member, deployment(name)) for name in names for member in (PULL, PUSH)]

    async def write(target: tuple[str, Obj]) -> None:
        member, manifest = target
        await made.clusters[member].write(manifest)

    await in_crowd(write, targets)
    seconds = max(await made.arrived(names)) - start
    used = difference(before, made.cpu())
    if "members' servers" in used:
        per = used["members' servers"] * 1000 / len(targets)
        report.say("CPU of the members' servers per 1,000 writes straight to them", f"{number(per)} s")
    return seconds


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
