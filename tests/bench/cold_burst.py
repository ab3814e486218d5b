"""Benchmark: thousands of templates and their policy were stored while no hub ran; it is started, and has it all to do.

The templates come in through the API of a hub that has no policy for them. The policy, as that API would have stored
it, is written into the store after the hub has stopped.
"""

from collections.abc import Mapping

from flotilla_common.objects import Obj, namespace_of
from tests.manifests import config_map

from .arrivals import now
from .charts import over_time
from .figures import number, percentile
from .load import in_crowd
from .options import Options
from .proc import difference, memory
from .progress import progress, say
from .report import Report
from .stored import store
from .yard import Yard, everywhere_in, yard

__all__ = ["measure"]

KINDS, EACH, CLUSTERS = 2, 2000, 2
"""As many Deployments as ConfigMaps; ConfigMaps are selected by the policy themselves."""
_TEXT = "a line of some configuration, as long as such lines usually are\n" * 14


async def measure(options: Options, *, is_real: bool) -> Report:
    each = options.less(EACH)
    works = KINDS * each * CLUSTERS
    report = Report(f"cold burst: {each} Deployments and {each} ConfigMaps, {CLUSTERS} stub clusters, {works} Works")
    report.works = works
    say(report.title)
    async with yard(options) as made:
        swarm = await made.join_swarm(CLUSTERS)
        before = await _left_undone(made, each)
        await swarm.take()
        done, swarm_cpu, start = (await swarm.counts())["writes"] + works, made.swarm_cpu(), now()
        await made.hub.start()
        with progress("hub started, Works applied", works) as reached:
            await swarm.written(done, patience=120, note=lambda n: reached(n - done + works))
        cpu_applied = {**made.hub_cpu(), "swarm": made.swarm_cpu() - swarm_cpu}
        settled = await made.quiet() - start
        at = sorted(applied.at - start for applied in await swarm.take())
        _say_times(report, at, settled, works)
        _say_costs(report, made.hub_cpu(), cpu_applied, at[-1], works)
        report.per_work(difference(before, await made.sequences()), works)
        report.value("peak RSS of the hub", memory(made.hub.pid).peak, "MiB")
    return report


async def _left_undone(made: Yard, each: int) -> dict[str, int]:
    """The templates and their policy are stored and no hub runs; returns the last sequence of each stream."""
    say("  create the templates")
    await made.create_all(f"web-{n}" for n in range(each))
    await in_crowd(made.client.create, (config_map(f"web-{n}", {"file": _TEXT}) for n in range(each)))
    stored = await _as_stored(made)
    await made.quiet()
    await made.hub.stop()
    return await store(made, [stored])


def _say_times(report: Report, at: list[float], settled: float, works: int) -> None:
    report.value("hub started → first applied", at[0], "s")
    report.value("→ half applied", percentile(at, 0.5), "s")
    report.value("→ all applied", at[-1], "s", beside=f"{number(works / at[-1])} works/s")
    rate = (0.9 - 0.1) * works / (percentile(at, 0.9) - percentile(at, 0.1))
    report.value("rate between 10 % and 90 %", rate, "works/s")
    report.value("→ the hub has settled: reports taken in, statuses written", settled, "s")
    title = f"B3: Works applied, {works} to be made"
    report.charts.append(over_time(title, "Works", {"applied": at}, "the hub was started"))


def _say_costs(
    report: Report, cpu: Mapping[str, float], cpu_applied: Mapping[str, float], applied: float, works: int
) -> None:
    for name, seconds in cpu.items():
        beside = f"({number(cpu_applied[name] * 1000 / works)} until all was applied)"
        report.value(f"CPU of {name} per 1,000 Works, until settled", seconds * 1000 / works, "s", beside=beside)
    shares = ", ".join(f"{name} {number(100 * seconds / applied)} %" for name, seconds in cpu_applied.items())
    report.note(f"of one core, until all was applied: {shares}; the start of Python and of NATS is in it")


async def _as_stored(made: Yard) -> Obj:
    """The policy as the API stores it; it is not stored."""
    selectors = [{"apiVersion": "apps/v1", "kind": "Deployment"}, {"apiVersion": "v1", "kind": "ConfigMap"}]
    wanted = everywhere_in(CLUSTERS, resourceSelectors=selectors)
    (served,) = await made.client.find("propagationpolicies")
    stored: Obj = await made.client.call("POST", served.path(namespace_of(wanted)), wanted, params={"dryRun": "All"})
    stored["metadata"].pop("resourceVersion", None)
    return stored
