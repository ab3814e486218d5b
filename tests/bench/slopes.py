"""Benchmark: what one idle cluster and one settled Work cost the hub in memory: a line through PSS at several sizes."""

from collections.abc import Mapping, Sequence

from .charts import Slope, growth
from .figures import line_through, number
from .options import Options
from .progress import rest, say
from .report import Report
from .yard import Yard, everywhere_in, yard

__all__ = ["measure"]

CLUSTERS: Sequence[int] = (0, 50, 100, 200)
WORKS: Sequence[int] = (0, 1_000, 5_000, 10_000, 20_000)
FEW = 10
"""Clusters under the Works."""
REST = 30.0
"""Seconds before a look: what was only needed for the work has gone back by then, or never will."""


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report("memory slopes: PSS of hub and NATS")
    say(report.title)
    _say(report, "cluster", await _over_clusters(options, report))
    _say(report, "Work", await _over_works(options, report))
    report.note(f"at rest for {REST:g} s before each look; a Work is one Deployment of 1.2 KB, to {FEW} clusters each")
    return report


async def _over_clusters(options: Options, report: Report) -> dict[str, list[tuple[float, float]]]:
    points: dict[str, list[tuple[float, float]]] = {}
    async with yard(options) as made:
        for count in _sizes(CLUSTERS, options):
            if more := count - sum(swarm.count for swarm in made.swarms):
                await made.join_swarm(more)
            await _look(made, count, "clusters", points, report)
    return points


async def _over_works(options: Options, report: Report) -> dict[str, list[tuple[float, float]]]:
    points: dict[str, list[tuple[float, float]]] = {}
    there = 0
    async with yard(options) as made:
        swarm = await made.join_swarm(FEW)
        await made.client.create(everywhere_in(FEW))
        for count in _sizes(WORKS, options):
            names = [f"web-{n}" for n in range(there, count // FEW)]
            there += len(names)
            await made.settle(swarm, names, works=len(names) * FEW)
            await _look(made, count, "Works", points, report)
    return points


def _sizes(usual: Sequence[int], options: Options) -> list[int]:
    return sorted({options.less(size, least=0) for size in usual})


async def _look(
    made: Yard, count: int, what: str, points: dict[str, list[tuple[float, float]]], report: Report
) -> None:
    await rest(f"rest, then look: {count} {what}", REST)
    held: Mapping[str, float] = made.held()
    for name, mib in held.items():
        points.setdefault(name, []).append((count, mib))
        report.cell(f"{count} {what}", f"{name}, PSS", mib, "MiB")


def _say(report: Report, each: str, points: Mapping[str, Sequence[tuple[float, float]]]) -> None:
    title = f"B8: memory of hub and NATS by number of {each}s"
    report.charts.append(growth(title, f"{each}s", "PSS, MiB", points, fit=Slope(f"KiB/{each}", 1024)))
    for name, found in points.items():
        line = line_through(found)
        beside = f"intercept {number(line.intercept)} MiB, R² {line.r2:.3f}"
        report.value(f"{name}, per {each}", line.slope * 1024, "KiB", beside=beside)
