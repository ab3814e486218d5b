"""Benchmark: one new template to each of many stub clusters: until it is in the first, half, and all of them."""

import asyncio

from .arrivals import now
from .figures import percentile
from .load import deployment
from .options import Options
from .proc import spent
from .progress import say, steps
from .report import Report
from .yard import everywhere_in, yard

__all__ = ["measure"]

CLUSTERS, TEMPLATES = 500, 20
REST = 1.0
"""Seconds between two templates: reports of the one before have been taken in by then."""


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(f"fan-out of one template to {CLUSTERS} stub clusters")
    say(report.title)
    async with yard(options) as made:
        swarm = await made.join_swarm(CLUSTERS)
        await made.client.create(everywhere_in())
        await made.quiet()
        await swarm.take()
        acked, first, half, last = [], [], [], []
        cpu = made.cpu()
        with steps("create templates", TEMPLATES) as each:
            for n in each:
                done, start = (await swarm.counts())["writes"] + CLUSTERS, now()
                await made.client.create(deployment(f"web-{n}"))
                acked.append((now() - start) * 1e3)
                await swarm.written(done)
                taken = sorted((applied.at - start) * 1e3 for applied in await swarm.take())
                first.append(taken[0])
                half.append(percentile(taken, 0.5))
                last.append(taken[-1])
                await asyncio.sleep(REST)
        await made.quiet()
        cpu = spent(cpu, made.cpu())
    report.spread("create acknowledged", acked)
    report.spread("→ in the first cluster", first)
    report.spread(f"→ in {CLUSTERS // 2}", half)
    report.spread(f"→ in all {CLUSTERS}", last)
    for name, seconds in cpu.items():
        report.value(f"CPU of {name} per 1,000 Works, until settled", seconds * 1e6 / TEMPLATES / CLUSTERS, "ms")
    return report
