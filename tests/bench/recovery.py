"""Benchmark: hub and NATS killed -9 with tens of thousands of settled Works: how soon is a new template served."""

from tests.swarm.engine import Applied

from .charts import over_time
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
        there, landings = 0, {}
        for works in map(options.less, SIZES):
            names = [f"web-{n}" for n in range(there, works // CLUSTERS)]
            there += len(names)
            await made.settle(swarm, names, works=len(names) * CLUSTERS)
            landings[f"{works} Works"] = await _kill(made, works, report)
    title = "B6: new templates in all members, while the hub starts again"
    report.charts.append(over_time(title, "templates", landings, "the hub was started again"))
    report.note(
        f"a new template every {EVERY:g} s, whether the hub answers or not; its Works stay. No old object may be "
        "written, and no old Work be published again"
    )
    return report


async def _kill(made: Yard, works: int, report: Report) -> list[float]:
    """When new templates were in all members, in seconds since the hub was started again."""
    (swarm,) = made.swarms
    await swarm.take()

    async def served() -> None:
        await swarm.written((await swarm.counts())["writes"] + CLUSTERS, patience=300)

    say("  kill -9, start again")
    found = await relaunch(made, f"new-{works}-", served)
    peak, cpu = memory(made.hub.pid).peak, made.hub_cpu()
    applied = await swarm.take()
    fresh = [a for a in applied if _is_new(a)]
    column = f"{works} Works"
    report.cell("hub started again → its API answers", column, found.answers, "s")
    report.cell("→ a new template in the first cluster", column, min(a.at for a in fresh) - found.start, "s")
    report.cell("writes of old objects in the members", column, len(applied) - len(fresh), "")
    say_relaunch(report, found, column, clusters=CLUSTERS)
    report.cell("CPU of the hub until idle", column, cpu["hub"], "s")
    report.cell("CPU of NATS until idle", column, cpu["nats"], "s")
    report.cell("peak RSS of the hub", column, peak, "MiB")
    report.cell("peak RSS of NATS", column, memory(made.nats_pid).peak, "MiB")
    return _landed(fresh, found.start)


def _landed(applied: list[Applied], start: float) -> list[float]:
    """When each object was in the last of its clusters."""
    last: dict[str, float] = {}
    for each in applied:
        last[each.what] = max(last.get(each.what, 0.0), each.at - start)
    return list(last.values())


def _is_new(applied: Applied) -> bool:
    return applied.what.startswith("Deployment default/new-")
