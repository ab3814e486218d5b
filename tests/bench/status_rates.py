"""Benchmark: statuses written in members at a steady rate, whether the last one has arrived or not, and a flood on one.

The members are stub API servers under real agents, so that neither the member nor this load is what is measured.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from flotilla_common.objects import Obj
from tests.manifests import policy

from .arrivals import now
from .charts import distribution
from .load import DEPLOYMENTS
from .members import Ready, status_of
from .options import Options
from .proc import difference
from .progress import say, steps
from .report import Report
from .stubs import Stubs
from .yard import Yard, yard

__all__ = ["flood", "steady"]

OBJECTS = 20
RATE, FLOOD = 5, 100
"""Statuses per second: over all objects, and on one of them."""
FLOODED = 1_000
_MERGE = "application/merge-patch+json"


async def steady(report: Report, options: Options, clusters: int) -> None:
    """From a status written in a member until the hub shows it in the binding, at `RATE`."""
    async with _settled(options, clusters, options.less(OBJECTS)) as (made, stubs), asyncio.TaskGroup() as group:
        names, tasks = list(stubs.members), []
        with steps(f"write a status, {RATE}/s, {clusters} clusters", options.statuses) as each:
            for n in each:
                cluster, name = names[n % clusters], f"web-{n // clusters % options.less(OBJECTS)}"
                tasks.append(group.create_task(_shown(made, stubs, cluster, name, 100 + n)))
                await asyncio.sleep(1 / RATE)
    taken = [task.result() for task in tasks]
    column = f"{clusters} cluster{'s' * (clusters > 1)}, {RATE}/s"
    report.quantiles("status written in a member → in the hub's binding", column, [shown for _, shown in taken])
    report.quantiles("the same → acknowledged there", column, [acked for acked, _ in taken])
    curves = {"in the hub's binding": [shown for _, shown in taken], "acknowledged": [acked for acked, _ in taken]}
    report.charts.append(distribution(f"B10: status written in one of {column} → seen", curves))


async def flood(report: Report, options: Options) -> None:
    """One object whose status never stands still: how many of its statuses go to the hub, and when the last arrives."""
    count = options.less(FLOODED, least=FLOOD)
    async with _settled(options, 1, 1) as (made, stubs):
        ((cluster, _),) = stubs.members.items()
        before, start = await made.sequences(), now()
        async with asyncio.TaskGroup() as group:
            with steps(f"write one status, {FLOOD}/s", count) as each:
                for n in each:
                    group.create_task(_write(stubs, cluster, "web-0", 100 + n))
                    await asyncio.sleep(max(0.0, start + (n + 1) / FLOOD - now()))
        last, end = 100 + count - 1, now()
        (at,) = await made.arrivals.wait([_marker(cluster, "web-0", last)], within=options.patience)
        await made.quiet()
        grown = difference(before, await made.sequences())
        _say_flood(report, count, max(0.0, at - end), grown, made)


def _say_flood(report: Report, count: int, lag: float, grown: Mapping[str, int], made: Yard) -> None:
    stored = grown["derived"] + grown["objects"]
    shown = sum(isinstance(marker, Ready) for marker in made.arrivals.seen)
    what = f"one object, {FLOOD}/s"
    report.value(f"{what}: statuses written per report sent", count / max(1, grown["status"]), "")
    report.value(f"{what}: statuses written per commit of the hub", count / max(1, stored), "", beside=f"{shown} shown")
    report.value(f"{what}: last one written → in the hub's binding", lag * 1e3, "ms")


@asynccontextmanager
async def _settled(options: Options, clusters: int, objects: int) -> AsyncIterator[tuple[Yard, Stubs]]:
    """So many clusters that hold so many Deployments, and a watch on the hub's bindings."""
    async with yard(options) as made, Stubs(made, "stub", clusters) as stubs:
        say(f"  join {clusters} stub clusters, each with an agent")
        names = await stubs.join(clusters)
        await made.client.create(policy("everywhere", *names))
        await made.create_all(f"web-{n}" for n in range(objects))
        await stubs.hold(objects)
        await made.quiet()

        def note(binding: Obj) -> None:
            at, name = now(), binding["spec"]["resource"]["name"]
            for item in _told(binding):
                ready = (item.get("status") or {}).get("readyReplicas") or 0
                made.arrivals.note(_marker(item["clusterName"], name, ready), at)

        async with made.watching_hub("resourcebindings", note):
            yield made, stubs


async def _shown(made: Yard, stubs: Stubs, cluster: str, name: str, ready: int) -> tuple[float, float]:
    """Milliseconds until the member has acknowledged it, and until the hub shows it."""
    start = now()
    await _write(stubs, cluster, name, ready)
    acked = now()
    (at,) = await made.arrivals.wait([_marker(cluster, name, ready)], within=made.options.patience)
    return (acked - start) * 1e3, (at - start) * 1e3


async def _write(stubs: Stubs, cluster: str, name: str, ready: int) -> None:
    patch = {"status": status_of(ready, 1)}
    await stubs.members[cluster].call("PATCH", f"{DEPLOYMENTS}/{name}/status", patch, content_type=_MERGE)


def _marker(cluster: str, name: str, ready: int) -> Ready:
    return Ready(f"hub, of {cluster}", name, ready)


def _told(binding: Obj) -> Sequence[Obj]:
    return (binding.get("status") or {}).get("aggregatedStatus") or ()
