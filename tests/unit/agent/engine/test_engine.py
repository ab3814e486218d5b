"""The engine over a simulated cluster: what it writes, what it leaves alone, what it tells, and what a crash costs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from flotilla_agent.engine.engine import Engine
from flotilla_agent.journal import Journal
from flotilla_agent.settings import EngineSettings
from flotilla_agent.targets.memory import MemoryTarget
from flotilla_agent.targets.memory_settings import MemorySettings
from flotilla_common.messages import WorkMessage, WorkReport
from flotilla_common.objects import Obj, Ref, decode, labels_of, ref_of
from tests.works import (
    annotated,
    config_map,
    custom_resource_definition,
    deployment,
    labelled,
    namespace,
    row,
    tombstone,
    until,
    work,
)

MINE = ref_of(config_map())


@dataclass
class Bench:
    """One cluster, its journal, and engines that come and go."""

    target: MemoryTarget
    journal: Journal
    reports: list[WorkReport] = field(default_factory=list)
    engine: Engine | None = None
    revision: int = 0

    @property
    def last(self) -> dict[str, WorkReport]:
        return {report.work: report for report in self.reports}

    @property
    def writes(self) -> dict[str, int]:
        return {ref.name: count for ref, count in self.target.writes.items()}

    def give(self, *messages: WorkMessage) -> None:
        """As the inbox does: journal first, then the engine."""
        self.revision += 1
        changed = self.journal.put_works(row(m, self.revision) for m in messages)
        if self.engine:
            self.engine.offer(changed)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """An engine at work; leaving it is its crash, at whatever line it is."""
        self.engine = Engine(self.target, self.journal, self.reports.append, EngineSettings(patience=0.0))
        task = asyncio.create_task(self.engine.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, BaseExceptionGroup):
                await task
            self.engine = None

    async def reported(self, name: str = "w", *, where: Callable[[WorkReport], object] = bool) -> WorkReport:
        await until(lambda: name in self.last and where(self.last[name]))
        return self.last[name]

    async def settled(self) -> None:
        """Until the engine has nothing to do, and watches had their say."""
        engine = self.engine
        assert engine is not None
        for _ in range(5):
            await asyncio.sleep(0)
            await until(lambda: engine.pending == 0)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    target = MemoryTarget(MemorySettings(settle=0))
    with Journal() as journal:
        yield Bench(target, journal)
    await target.close()


async def test_a_work_is_applied_with_our_marks_and_reported(bench: Bench) -> None:
    async with bench.running():
        bench.give(work(config_map()))
        report = await bench.reported()
    found = bench.target.find(MINE)
    assert found is not None
    assert labels_of(found) == {"karmada.io/managed": "true"}
    assert found["metadata"]["annotations"] == {
        "work.karmada.io/name": "w",
        "work.karmada.io/namespace": "karmada-es-m1",
    }
    assert (report.applied, report.reason, report.message) == (
        True,
        "AppliedSuccessful",
        "Manifest has been successfully applied",
    )
    assert report.digest == work(config_map()).digest()
    assert bench.writes == {"colours": 1}


async def test_a_deployments_status_comes_back(bench: Bench) -> None:
    async with bench.running():
        bench.give(work(deployment(replicas=3)))
        report = await bench.reported(where=lambda r: r.objects and r.objects[0].health == "Healthy")
    assert decode(report.objects[0].status)["readyReplicas"] == 3


async def test_a_change_is_applied_and_what_others_set_stays(bench: Bench) -> None:
    async with bench.running():
        bench.give(work(config_map(sky="blue", sea="green")))
        await bench.reported()
        found = bench.target.find(MINE)
        assert found is not None
        bench.target.put(labelled(found, team="a"))
        bench.give(work(config_map(sky="red")))
        await until(lambda: (bench.target.find(MINE) or {})["data"] == {"sky": "red"})
    found = bench.target.find(MINE)
    assert found is not None and labels_of(found)["team"] == "a"


async def test_a_hand_edit_is_repaired(bench: Bench) -> None:
    async with bench.running():
        bench.give(work(config_map(sky="blue")))
        await bench.reported()
        found = bench.target.find(MINE)
        assert found is not None
        bench.target.put({**found, "data": {"sky": "pink"}})
        await until(lambda: (bench.target.find(MINE) or {})["data"] == {"sky": "blue"})
        await bench.settled()
    assert bench.writes == {"colours": 2}


@pytest.mark.parametrize(
    "vandalise",
    [
        pytest.param(lambda target, found: target.remove(MINE), id="deleted-is-made-again"),
        pytest.param(
            lambda target, found: target.put(labelled(found, karmada_io__managed="no")), id="mark-is-restored"
        ),
    ],
)
async def test_our_object_stays_ours(bench: Bench, vandalise: Callable[[MemoryTarget, Obj], object]) -> None:
    async with bench.running():
        bench.give(work(config_map()))
        await bench.reported()
        found = bench.target.find(MINE)
        assert found is not None
        vandalise(bench.target, found)
        await until(lambda: labels_of(bench.target.find(MINE) or {}).get("karmada.io/managed") == "true")
        await bench.settled()
    assert bench.writes == {"colours": 2}


async def test_a_users_own_object_is_left_alone_and_said_so(bench: Bench) -> None:
    bench.target.put(config_map(sky="mine"))
    async with bench.running():
        bench.give(work(config_map(sky="ours")))
        report = await bench.reported()
        bench.give(tombstone())
        await bench.reported(where=lambda r: r.removed)
    assert (bench.target.find(MINE) or {})["data"] == {"sky": "mine"}
    assert (report.applied, report.reason, bench.writes) == (False, "AppliedFailed", {})
    assert "conflict-resolution: overwrite" in report.message


async def test_overwrite_takes_a_users_object_over(bench: Bench) -> None:
    bench.target.put(config_map(sky="mine"))
    ours = annotated(config_map(sky="ours"), {"work.karmada.io/conflict-resolution": "overwrite"})
    async with bench.running():
        bench.give(work(ours))
        report = await bench.reported()
    assert report.applied
    assert (bench.target.find(MINE) or {})["data"] == {"sky": "ours"}


async def test_a_namespace_that_is_there_is_used_and_never_removed(bench: Bench) -> None:
    bench.target.put(namespace("shop"))
    async with bench.running():
        bench.give(work(namespace("shop")))
        report = await bench.reported()
        bench.give(tombstone())
        await bench.reported(where=lambda r: r.removed)
    assert report.applied
    assert bench.target.find(ref_of(namespace("shop"))) is not None
    assert bench.writes == {}


async def test_namespaces_and_definitions_arriving_late_are_waited_for(bench: Bench) -> None:
    widget = {"apiVersion": "example.test/v1", "kind": "Widget", "metadata": {"name": "x", "namespace": "shop"}}
    async with bench.running():
        bench.give(work(widget, name="widget"))
        late = await bench.reported("widget")
        bench.give(work(namespace("shop"), name="ns"), work(custom_resource_definition(), name="crd"))
        await bench.reported("widget", where=lambda r: r.applied)
    assert not late.applied
    assert "does not serve example.test/v1 Widget" in late.message


async def test_a_batch_in_the_wrong_order_lands(bench: Bench) -> None:
    names = [f"cm-{i}" for i in range(50)]
    async with bench.running():
        bench.give(*(work(config_map(n, "shop"), name=n) for n in names), work(namespace("shop"), name="zz"))
        for name in names:
            await bench.reported(name, where=lambda r: r.applied)
    assert bench.writes == {**dict.fromkeys(names, 1), "shop": 1}


async def test_a_tombstone_removes_what_was_applied_and_answers(bench: Bench) -> None:
    async with bench.running():
        bench.give(work(config_map(), deployment()))
        await bench.reported()
        bench.give(tombstone())
        report = await bench.reported(where=lambda r: r.removed)
    assert report.digest == tombstone().digest()
    assert bench.target.find(MINE) is None
    assert (bench.journal.works(), bench.journal.kinds()) == ([], set())


async def test_preserve_leaves_the_objects_without_our_marks(bench: Bench) -> None:
    async with bench.running():
        bench.give(work(config_map(sky="blue")))
        await bench.reported()
        bench.give(tombstone(preserve=True))
        await bench.reported(where=lambda r: r.removed)
    found = bench.target.find(MINE)
    assert found is not None
    assert (found["data"], found["metadata"]["labels"], found["metadata"]["annotations"]) == ({"sky": "blue"}, {}, {})


async def test_what_leaves_a_work_is_pruned(bench: Bench) -> None:
    async with bench.running():
        bench.give(work(config_map("a"), config_map("b")))
        bench.give(work(config_map("a")))
        await bench.settled()
    assert bench.target.find(ref_of(config_map("a"))) is not None
    assert bench.target.find(ref_of(config_map("b"))) is None


async def test_a_suspended_work_is_neither_applied_nor_repaired(bench: Bench) -> None:
    async with bench.running():
        bench.give(work(config_map(sky="blue")))
        await bench.reported()
        bench.give(work(config_map(sky="red"), suspended=True))
        await bench.settled()
        bench.target.remove(MINE)
        await bench.settled()
    assert bench.target.find(MINE) is None


async def test_one_report_for_each_piece_of_news(bench: Bench) -> None:
    async with bench.running():
        bench.give(work(config_map()))
        await bench.reported()
        for _ in range(3):
            bench.engine.offer(["w"]) if bench.engine else None
            await bench.settled()
    assert len(bench.reports) == 1
    assert bench.writes == {"colours": 1}


async def test_a_cluster_that_comes_back_gets_what_it_missed(bench: Bench) -> None:
    async with bench.running():
        bench.give(work(config_map("first"), name="first"))
        await bench.reported("first")
        bench.target.reachable = False
        bench.give(work(config_map("second"), name="second"))
        await bench.settled()
        bench.target.remove(ref_of(config_map("first")))
        bench.target.reachable = True
        await bench.reported("second", where=lambda r: r.applied)
        await until(lambda: bench.target.find(ref_of(config_map("first"))))


async def test_what_vanished_while_no_agent_ran_is_made_again(bench: Bench) -> None:
    async with bench.running():
        bench.give(work(config_map()))
        await bench.reported()
    bench.target.remove(MINE)
    async with bench.running():
        await until(lambda: bench.target.find(MINE))


async def test_an_unreadable_manifest_is_said_and_stops_nobody(bench: Bench) -> None:
    async with bench.running():
        bench.give(work({"kind": "ConfigMap", "metadata": {}}, name="bad"), work(config_map(), name="good"))
        report = await bench.reported("bad")
        await bench.reported("good", where=lambda r: r.applied)
    assert "spec.workload.manifests[0]: needs apiVersion, kind and metadata.name" in report.message


class _Died(BaseException):
    """No error handling of ours may see it: `kill -9` has none."""


class _DiesAfter(MemoryTarget):
    """A cluster whose agent dies at the n-th answer: the write has happened, the agent never learns it."""

    writes_left = -1

    async def apply(self, obj: Obj, *, force: bool) -> Obj:
        stored = await super().apply(obj, force=force)
        self._count_down()
        return stored

    async def delete(self, ref: Ref, *, uid: str | None = None) -> None:
        await super().delete(ref, uid=uid)
        self._count_down()

    def _count_down(self) -> None:
        self.writes_left -= 1
        if self.writes_left == 0:
            raise _Died


@pytest.mark.parametrize("crash_at", range(1, 7))
async def test_a_crash_at_any_write_loses_and_doubles_nothing(crash_at: int, tmp_path: Path) -> None:
    target = _DiesAfter(MemorySettings(settle=0))
    target.writes_left = crash_at
    works = [work(namespace("shop"), name="ns"), work(config_map("a", "shop"), deployment("b", "shop"), name="app")]
    for life in range(2):
        with Journal(tmp_path / "journal.db") as journal:
            bench = Bench(target, journal, revision=life)
            async with bench.running():
                bench.give(*works)
                await _settled_or_dead(bench, target)
                bench.give(work(config_map("a", "shop", sky="red"), name="app"))
                await _settled_or_dead(bench, target)
    assert (target.find(ref_of(config_map("a", "shop"))) or {})["data"] == {"sky": "red"}
    assert target.find(ref_of(deployment("b", "shop"))) is None
    await target.close()


async def _settled_or_dead(bench: Bench, target: _DiesAfter) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(0.2):
            await bench.settled()
