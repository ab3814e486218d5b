"""Benchmark: from a create on the hub until both members hold the object, one at a time, beside direct writes."""

import asyncio
import random

from flotilla_common.objects import Obj

from .arrivals import Arrived, now
from .bed import PULL, PUSH, Bed, bed
from .load import FIRST, deployment
from .options import Options
from .progress import say, steps
from .report import Report

__all__ = ["measure", "pause", "straight", "title"]

_ORDER = random.Random(7)
WARM_UP = 5


def title(what: str, options: Options, *, is_real: bool) -> str:
    fsync = "etcd flushes each write" if options.etcd_fsync else "etcd does not flush"
    target = f"real kube-apiservers ({fsync})" if is_real else "simulated members"
    return f"{what}, {target}"


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(title("latency", options, is_real=is_real))
    say(report.title)
    async with bed(options, is_real=is_real) as made:
        for n in range(WARM_UP):
            await _create(made, deployment(f"warm-{n}"))
            await straight(made, deployment(f"warm-straight-{n}"))
        rows: list[tuple[float, float, float, float]] = []
        with steps("create, one at a time", options.singles) as each:
            for n in each:
                acked, pull, push = await _create(made, deployment(f"web-{n}"))
                await pause()
                rows.append((acked, pull, push, await straight(made, deployment(f"straight-{n}"))))
                await pause()
    _lay_out(report, rows)
    return report


def _lay_out(report: Report, rows: list[tuple[float, float, float, float]]) -> None:
    both = report.spread("create on the hub → in both members", [max(pull, push) for _, pull, push, _ in rows])
    floor = report.spread("the same object straight to both members", [straight for *_, straight in rows])
    report.overhead("overhead: the first over the second", both, floor)
    report.spread("create → in the Pull member", [pull for _, pull, _, _ in rows])
    report.spread("create → in the Push member", [push for _, _, push, _ in rows])
    report.spread("create → acknowledged by the hub", [acked for acked, *_ in rows])
    report.note(
        "bound by what is done one after the other: four commits in NATS, each flushed (see R0): template, binding, "
        "placement, Works; between them the hub's decisions, after them the agent's journal and its write"
    )


async def _create(made: Bed, manifest: Obj) -> tuple[float, float, float]:
    """Milliseconds until it was acknowledged, in the Pull and in the Push member."""
    name, start = manifest["metadata"]["name"], now()
    await made.client.create(manifest)
    acked = now()
    pull, push = await made.both(lambda member: Arrived(member, name, FIRST))
    return (acked - start) * 1e3, (pull - start) * 1e3, (push - start) * 1e3


async def straight(made: Bed, manifest: Obj) -> float:
    """Milliseconds until an object written to both members at once is seen in both, by the same observer."""
    name, image = manifest["metadata"]["name"], manifest["spec"]["template"]["spec"]["containers"][0]["image"]
    start = now()
    await asyncio.gather(*(made.clusters[member].write(manifest) for member in (PULL, PUSH)))
    return (max(await made.both(lambda member: Arrived(member, name, image))) - start) * 1e3


async def pause() -> None:
    """Not always the same, so that nothing periodic falls into step with us."""
    await asyncio.sleep(_ORDER.uniform(0.01, 0.04))
