"""Benchmark: from a changed image on the hub until both members have it, one object at a time, beside direct writes."""

from .arrivals import Arrived, now
from .bed import Bed, bed
from .latency import pause, straight, title
from .load import DEPLOYMENTS, STRATEGIC_MERGE, deployment, in_crowd
from .options import Options
from .progress import say, steps
from .report import Report

__all__ = ["measure"]

OBJECTS = 20
"""Changed in turn, so that none is still busy with its last status."""


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report(title("update", options, is_real=is_real))
    say(report.title)
    async with bed(options, is_real=is_real) as made:
        await in_crowd(made.client.create, [deployment(f"web-{n}") for n in range(OBJECTS)])
        await made.arrived([f"web-{n}" for n in range(OBJECTS)])
        for n in range(OBJECTS):
            await straight(made, deployment(f"straight-{n}"))
        rows: list[tuple[float, float]] = []
        with steps("change the image, one at a time", options.singles) as each:
            for n in each:
                name, image = f"web-{n % OBJECTS}", f"registry.example/team/service:2.{n}"
                changed = await _change(made, name, image)
                await pause()
                rows.append((changed, await straight(made, deployment(f"straight-{n % OBJECTS}", image))))
                await pause()
    both = report.spread("image changed on the hub → in both members", [changed for changed, _ in rows])
    floor = report.spread("the same change straight to both members", [straight for _, straight in rows])
    report.overhead("overhead: the first over the second", both, floor)
    report.note("bound as a create is, with one decision and one commit of the hub less: the placement stands")
    return report


async def _change(made: Bed, name: str, image: str) -> float:
    """Milliseconds."""
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": image}]}}}}
    start = now()
    await made.client.call("PATCH", f"{DEPLOYMENTS}/{name}", patch, content_type=STRATEGIC_MERGE)
    return (max(await made.both(lambda member: Arrived(member, name, image))) - start) * 1e3
