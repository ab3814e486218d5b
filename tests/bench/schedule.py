"""Benchmark: 5,000 pending bindings decided over 100 and 1,000 clusters, then scheduled by a hub without agents.

The first part is the pure decision on one core. In the second the bindings lie in the store of a hub that has no
clusters; these are stored while it is down, and it is started: every binding has to be scheduled, and its Works to be
published.
"""

import time
from collections.abc import Sequence
from contextlib import aclosing, nullcontext

from flotilla_common.conditions import is_true
from flotilla_common.objects import Obj, copy_of, decode
from flotilla_common.subjects import DERIVED
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.outcome import schedule
from flotilla_hub.scheduler.snapshot import Snapshot
from flotilla_hub.store.jetstream import JetStreamStore
from tests.manifests import policy

from .arrivals import now
from .charts import distribution
from .figures import number, percentile
from .options import Options
from .placements import PLACEMENTS, THEN, cluster, pending
from .proc import difference, memory
from .progress import say
from .report import Report
from .sampler import sampled
from .stored import store
from .yard import Yard, yard

__all__ = ["measure"]

BINDINGS, SIZES = 5_000, (100, 1_000)
HUBS = 100
"""Clusters of the second part."""


async def measure(options: Options, *, is_real: bool) -> Report:
    count = options.less(BINDINGS)
    report = Report(f"schedule rate: {count} pending bindings")
    say(report.title)
    with sampled(options.profile / "decisions.samples.json") if options.profile else nullcontext():
        for size in SIZES:
            _decide_all(report, count, options.less(size))
    await _through_a_hub(report, options, count)
    report.note(
        "CPU time; a decision is the binding in, and out with its result, conditions and annotations; the floor is the "
        "JSON of the result read and written once, which storing it takes in any case"
    )
    return report


def _decide_all(report: Report, count: int, size: int) -> None:
    decided: dict[str, list[float]] = {}
    snapshot_of = [Cluster.of(cluster(n)) for n in range(size)]
    for how in PLACEMENTS:
        say(f"  decide: {size} clusters, {how}")
        bindings = [pending(how, n, size) for n in range(count)]
        snapshot, taken, done = Snapshot(snapshot_of), [], {}
        before = time.process_time()
        for each in bindings:
            start = time.thread_time()
            done = schedule(each, snapshot, THEN) or {}
            taken.append((time.thread_time() - start) * 1e3)
        rate = count / (time.process_time() - before)
        assert _is_scheduled(done), done["status"]
        column = f"{size} clusters"
        report.cell(f"{how}: rate", column, rate, "/s")
        report.quantiles(how, column, taken)
        report.cell(f"{how}: floor", column, _floor(done), "ms")
        decided[how] = taken
    report.charts.append(distribution(f"B4: one decision over {size} clusters", decided))


def _floor(done: Obj) -> float:
    """Milliseconds, the median of many."""
    taken = []
    for _ in range(101):
        start = time.thread_time()
        copy_of(done)
        taken.append((time.thread_time() - start) * 1e3)
    return percentile(sorted(taken), 0.5)


async def _through_a_hub(report: Report, options: Options, count: int) -> None:
    clusters = options.less(HUBS)
    # Nobody speaks for these clusters, which are not to count as lost meanwhile.
    async with yard(options, "--grace", "3600") as made:
        say("  create the templates on a hub without clusters")
        # Divided over two, so that what is measured is not the publishing of a hundred Works for each.
        spread = [{"spreadByField": "cluster", "minGroups": 2, "maxGroups": 2}]
        scheduling = {"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Aggregated"}
        placement = {"replicaScheduling": scheduling, "spreadConstraints": spread}
        await made.client.create(policy("everywhere", placement=placement))
        await made.create_all(f"web-{n}" for n in range(count))
        await made.quiet()
        await made.hub.stop()
        before = await store(made, map(cluster, range(clusters)))
        say("  start the hub")
        start = now()
        await made.hub.start()
        at = [seen - start for seen in await _scheduled(made, before["derived"], count)]
        cpu = made.hub_cpu()
        settled = await made.quiet() - start
        commits = difference(before, await made.sequences())
        _say_hub(report, at, clusters, {"all scheduled": cpu, "settled": made.hub_cpu()})
        report.value("→ the hub has settled: Works published, statuses written", settled, "s")
        each = ", ".join(f"{name} {number(commits[name] / count)}" for name in commits)
        report.value("commits of the hub's streams per binding", sum(commits.values()) / count, "", beside=f"({each})")
        report.value("peak RSS of the hub", memory(made.hub.pid).peak, "MiB")


def _say_hub(report: Report, at: Sequence[float], clusters: int, cpu: dict[str, dict[str, float]]) -> None:
    count = len(at)
    report.value(f"through a hub, {clusters} clusters: started → first scheduled", at[0], "s")
    report.value("→ all scheduled", at[-1], "s", beside=f"{number(count / at[-1])} bindings/s from the start of Python")
    rate = 0.8 * count / (percentile(at, 0.9) - percentile(at, 0.1))
    report.value("rate between 10 % and 90 %", rate, "bindings/s")
    for when, used in cpu.items():
        beside = f"NATS {number(used['nats'] * 1000 / count)} s"
        report.value(f"CPU of the hub per 1,000 bindings, until {when}", used["hub"] * 1000 / count, "s", beside=beside)


async def _scheduled(made: Yard, since: int, count: int) -> list[float]:
    """When each binding's result was in the store: read from the stream itself, past the hub."""
    seen: dict[str, float] = {}
    watch = JetStreamStore(made.bus, DERIVED, "bench").watch(since)
    async with aclosing(watch) as changes:  # type: ignore[type-var]
        async for change in changes:
            if change.key.name not in seen and change.body and _is_scheduled(decode(change.body)):
                seen[change.key.name] = now()
                if len(seen) == count:
                    break
    return sorted(seen.values())


def _is_scheduled(done: Obj) -> bool:
    return is_true((done.get("status") or {}).get("conditions"), "Scheduled")
