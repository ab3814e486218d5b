"""Benchmark: from a status written in one member until the hub shows it: one at a time, at a rate, and in a flood."""

from flotilla_common.objects import Obj, name_of

from .arrivals import now
from .bed import PULL, PUSH, Bed, bed
from .burst import READY, settled
from .charts import distribution
from .latency import pause, title
from .load import deployment, in_crowd
from .members import Ready, ready_of
from .options import Options
from .progress import say, steps
from .report import Report
from .status_rates import flood, steady

__all__ = ["measure"]

OBJECTS = 20
CLUSTERS = (1, 10)
HUB = "hub"


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(title("status", options, is_real=is_real))
    say(report.title)
    await _one_at_a_time(report, options, is_real=is_real)
    if not is_real:
        for clusters in CLUSTERS:
            await steady(report, options, clusters)
        await flood(report, options)
    report.note(
        "bound by the agent's watch, and two commits in NATS, each flushed (see R0): its report, then the template's "
        "status, the binding's at the same time"
    )
    return report


async def _one_at_a_time(report: Report, options: Options, *, is_real: bool) -> None:
    async with bed(options, is_real=is_real) as made:
        names = [f"web-{n}" for n in range(OBJECTS)]
        await in_crowd(made.client.create, map(deployment, names))
        await made.arrived(names)
        await settled(made, set(names))

        def note(obj: Obj) -> None:
            made.arrivals.note(Ready(HUB, name_of(obj), ready_of(obj)), now())

        rows = []
        async with made.watching_hub("deployments", note):
            with steps("write a status, one at a time", options.statuses) as each:
                for n in each:
                    rows.append(await _report_ready(made, names[n % OBJECTS], n))
                    await pause()
    shown = report.spread("status written in a member → shown in the hub's template", [hub for hub, _ in rows])
    seen = report.spread("the same → seen by a watch on the member", [member for _, member in rows])
    curves = {"in the hub's template": [hub for hub, _ in rows], "by a watch on the member": [seen for _, seen in rows]}
    report.charts.append(distribution("B10: status written in a member → seen", curves))
    report.overhead("overhead: the first over the second", shown, seen)


async def _report_ready(made: Bed, name: str, n: int) -> tuple[float, float]:
    """Milliseconds until the hub, and until the member itself, showed the new count."""
    member = PULL if n % 2 == 0 else PUSH  # the number of objects is even: each is changed in one member only
    count, elsewhere = 100 + n, 0 if made.is_real else READY // 2
    start = now()
    await made.clusters[member].set_ready(name, count)
    markers = [Ready(HUB, name, count + elsewhere), Ready(member, name, count)]
    at = await made.arrivals.wait(markers, within=made.options.patience)
    return (at[0] - start) * 1e3, (at[1] - start) * 1e3
