"""The engine in trouble: things that come late, a cluster that goes away, and its own death at any line."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flotilla_agent.journal import Journal
from flotilla_agent.targets.memory import MemoryTarget
from flotilla_agent.targets.memory_settings import MemorySettings
from flotilla_common.objects import Obj, Ref, ref_of
from tests.eventually import eventually
from tests.workbench import Workbench
from tests.works import config_map, custom_resource_definition, deployment, named, namespace, tombstone, work

MINE = ref_of(config_map())
IN_SHOP = ref_of(config_map("a", "shop"))


@pytest.fixture
async def bench() -> AsyncIterator[Workbench]:
    target = MemoryTarget(MemorySettings(settle=0))
    with Journal() as journal:
        yield Workbench(target, journal)
    await target.close()


async def test_namespaces_and_definitions_arriving_late_are_waited_for(bench: Workbench) -> None:
    widget = {"apiVersion": "example.test/v1", "kind": "Widget", "metadata": {"name": "x", "namespace": "shop"}}
    async with bench.running():
        bench.give(work(widget, name="widget"))
        late = await bench.reported("widget")
        bench.give(work(namespace("shop"), name="ns"), work(custom_resource_definition(), name="crd"))
        await bench.reported("widget", where=lambda r: r.applied)

    assert not late.applied
    assert "does not serve example.test/v1 Widget" in late.message


async def test_a_batch_in_the_wrong_order_lands(bench: Workbench) -> None:
    names = [f"cm-{i}" for i in range(50)]
    async with bench.running():
        bench.give(*(work(config_map(n, "shop"), name=n) for n in names), work(namespace("shop"), name="zz"))
        for name in names:
            await bench.reported(name, where=lambda r: r.applied)

    assert bench.writes == {**dict.fromkeys(names, 1), "shop": 1}


async def test_a_cluster_that_comes_back_gets_what_it_missed(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work(config_map("first"), name="first"))
        await bench.reported("first")
        bench.target.reachable = False
        bench.give(work(config_map("second"), name="second"))
        await bench.settled()
        bench.target.remove(ref_of(config_map("first")))
        bench.target.reachable = True
        await bench.reported("second", where=lambda r: r.applied)
        await eventually(lambda: bench.find(ref_of(config_map("first"))))


async def test_an_unreachable_cluster_is_never_a_reason_to_report_a_loss(bench: Workbench) -> None:
    async with bench.running() as engine:
        bench.give(work(config_map()))
        before = await bench.reported()
        bench.target.reachable = False
        engine.offer(["w"])
        await bench.settled()

    assert bench.last == {"w": before}


async def test_what_vanished_while_no_agent_ran_is_made_again(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work(config_map()))
        await bench.reported()
    bench.target.remove(MINE)
    async with bench.running():
        await eventually(lambda: bench.find(MINE))


async def test_a_restart_writes_nothing_that_has_not_changed(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work(config_map(), deployment()))
        await bench.reported()
    async with bench.running():
        await bench.settled()

    assert bench.writes == {"colours": 1, "web": 1}


async def test_an_agent_that_lost_its_journal_finds_its_objects_by_their_marks(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work(config_map()))
        await bench.reported()
    with Journal() as empty:
        again = Workbench(bench.target, empty)
        async with again.running():
            again.give(work(config_map()))
            await again.reported()
            again.give(tombstone())
            await again.reported(where=lambda r: r.removed)

    assert (bench.find(MINE), bench.writes) == ({}, {"colours": 2})


async def test_a_tombstone_alone_tells_an_agent_without_a_journal_what_to_remove(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work(config_map()))
        await bench.reported()
    with Journal() as empty:
        again = Workbench(bench.target, empty)
        async with again.running():
            again.give(tombstone(manifests=[named(config_map())]))
            await again.reported(where=lambda r: r.removed)

    assert bench.find(MINE) == {}


async def test_what_a_tombstone_names_and_nobody_applied_is_left_alone(bench: Workbench) -> None:
    bench.target.put(config_map())
    async with bench.running():
        bench.give(tombstone(manifests=[named(config_map())]))
        await bench.reported(where=lambda r: r.removed)

    assert bench.find(MINE)["data"] == config_map()["data"]


class _Died(BaseException):
    """No error handling of ours may see it: `kill -9` has none."""


class _Deadly(MemoryTarget):
    """Its agent dies at the n-th answer to a write: the write has happened, and the agent never learns of it."""

    writes_left = 0

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


@pytest.mark.parametrize("writes_left", range(1, 7))
@pytest.mark.parametrize("is_told_again", [True, False], ids=["told-again", "journal-only"])
async def test_a_death_at_any_write_loses_and_doubles_nothing(
    writes_left: int, is_told_again: bool, tmp_path: Path
) -> None:
    target = _Deadly(MemorySettings(settle=0))
    target.writes_left = writes_left
    first = (work(namespace("shop"), name="ns"), work(config_map("a", "shop"), deployment("b", "shop"), name="app"))
    second = work(config_map("a", "shop", sky="red"), name="app")
    with Journal(tmp_path / "journal.db") as journal:
        bench = Workbench(target, journal)
        async with bench.running():
            bench.give(*first)
            await bench.settled()
            bench.give(second)
            await bench.settled()
    with Journal(tmp_path / "journal.db") as journal:
        bench = Workbench(target, journal, revision=2 if is_told_again else 0)
        async with bench.running():
            bench.give(first[0], second)
            await bench.settled()

    assert (bench.find(IN_SHOP)["data"], bench.find(ref_of(deployment("b", "shop")))) == ({"sky": "red"}, {})
    assert all(count <= 2 for count in bench.writes.values())
    await target.close()


async def test_a_tombstone_that_comes_mid_apply_is_the_last_word(bench: Workbench) -> None:
    applying, go_on = asyncio.Event(), asyncio.Event()
    apply = bench.target.apply

    async def slowly(obj: Obj, *, force: bool) -> Obj:
        applying.set()
        await go_on.wait()
        return await apply(obj, force=force)

    bench.target.apply = slowly  # type: ignore[method-assign]
    async with bench.running():
        bench.give(work(config_map("a"), config_map("b")))
        await applying.wait()
        bench.give(tombstone())
        go_on.set()
        await bench.reported(where=lambda r: r.removed)
        await bench.settled()

    assert (bench.writes, bench.find(ref_of(config_map("a")))) == ({"a": 2}, {})
