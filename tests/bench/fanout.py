"""Benchmark: one new template to each of many stub clusters: until it is in the first, half, and all of them."""

import asyncio
from collections.abc import Mapping

from tests.swarm.handle import Swarm

from .arrivals import now
from .charts import growth
from .figures import percentile, spread
from .load import deployment
from .options import Options
from .proc import difference
from .progress import say, steps
from .report import Report
from .yard import Yard, everywhere_in, yard

__all__ = ["measure"]

SIZES = (10, 100, 500)
"""Clusters; each size has a hub of its own."""
TEMPLATES = 20
REST = 1.0
"""Seconds between two templates: reports of the one before have been taken in by then."""
STAGES = ("create acknowledged", "→ in the first cluster", "→ in half of them", "→ in all of them")
Row = tuple[float, float, float, float]
"""Milliseconds from the start of a create until each stage."""


async def measure(options: Options, *, is_real: bool) -> Report:
    templates = options.less(TEMPLATES)
    report = Report("fan-out of one template to many stub clusters")
    say(report.title)
    curves: dict[str, list[tuple[float, float]]] = {what: [] for what in STAGES}
    for clusters in map(options.less, SIZES):
        async with yard(options) as made:
            swarm = await made.join_swarm(clusters)
            await made.client.create(everywhere_in())
            await made.quiet()
            await swarm.take()
            cpu, rows = made.cpu(), []
            with steps(f"create templates for {clusters} clusters", templates) as each:
                for n in each:
                    rows.append(await _send(made, swarm, n))
                    await asyncio.sleep(REST)
            await made.quiet()
            _say(report, clusters, rows, difference(cpu, made.cpu()))
        for what, taken in zip(STAGES, zip(*rows, strict=True), strict=True):
            curves[what].append((clusters, spread(taken).p50))
    report.charts.append(growth("B2: create → in the clusters, P50 by their number", "clusters", "ms", curves))
    return report


async def _send(made: Yard, swarm: Swarm, n: int) -> Row:
    done, start = (await swarm.counts())["writes"] + swarm.count, now()
    await made.client.create(deployment(f"web-{n}"))
    acked = now()
    await swarm.written(done)
    taken = sorted(applied.at for applied in await swarm.take())
    acked, first, half, last = ((at - start) * 1e3 for at in (acked, taken[0], percentile(taken, 0.5), taken[-1]))
    return acked, first, half, last


def _say(report: Report, clusters: int, rows: list[Row], cpu: Mapping[str, float]) -> None:
    column = f"{clusters} clusters"
    for what, taken in zip(STAGES, zip(*rows, strict=True), strict=True):
        report.quantiles(what, column, taken)
    for name, seconds in cpu.items():
        each = seconds * 1000 / (len(rows) * clusters)
        report.cell(f"CPU of {name} per 1,000 Works, until settled", column, each, "s")
