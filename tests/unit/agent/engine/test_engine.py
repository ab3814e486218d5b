"""The engine over a simulated cluster: what it writes, what it leaves alone, and what it tells."""

from collections.abc import AsyncIterator, Callable

import pytest

from flotilla_agent.journal import Journal
from flotilla_agent.targets.memory import MemoryTarget
from flotilla_agent.targets.memory_settings import MemorySettings
from flotilla_common.objects import annotations_of, decode, labels_of, ref_of
from tests.eventually import eventually
from tests.workbench import Workbench
from tests.works import annotated, config_map, deployment, labelled, namespace, tombstone, work

MINE = ref_of(config_map())


@pytest.fixture
async def bench() -> AsyncIterator[Workbench]:
    target = MemoryTarget(MemorySettings(settle=0))
    with Journal() as journal:
        yield Workbench(target, journal)
    await target.close()


async def test_a_work_is_applied_with_our_marks(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work(config_map(sky="blue")))
        await bench.reported()

    found = bench.find(MINE)
    assert (found["data"], labels_of(found), annotations_of(found)) == (
        {"sky": "blue"},
        {"karmada.io/managed": "true"},
        {"work.karmada.io/name": "w", "work.karmada.io/namespace": "karmada-es-m1"},
    )


async def test_success_is_reported_in_karmadas_words(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work(config_map()))
        report = await bench.reported()

    assert (report.applied, report.reason, report.message, report.digest) == (
        True,
        "AppliedSuccessful",
        "Manifest has been successfully applied",
        work(config_map()).digest(),
    )


async def test_a_deployments_status_comes_back(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work(deployment(replicas=3)))
        report = await bench.reported(where=lambda r: r.objects and r.objects[0].health == "Healthy")

    assert decode(report.objects[0].status)["readyReplicas"] == 3


async def test_a_change_is_applied_and_what_others_set_stays(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work(config_map(sky="blue", sea="green")))
        await bench.reported()
        bench.target.put(labelled(bench.find(MINE), team="a"))
        bench.give(work(config_map(sky="red")))
        await eventually(lambda: bench.find(MINE)["data"] == {"sky": "red"})

    assert labels_of(bench.find(MINE))["team"] == "a"


@pytest.mark.parametrize(
    "vandalise",
    [
        pytest.param(lambda b: b.target.put({**b.find(MINE), "data": {"sky": "pink"}}), id="edited"),
        pytest.param(lambda b: b.target.put(labelled(b.find(MINE), karmada_io__managed="no")), id="unmarked"),
        pytest.param(lambda b: b.target.remove(MINE), id="deleted"),
    ],
)
async def test_what_a_hand_did_to_our_object_is_undone_once(
    bench: Workbench, vandalise: Callable[[Workbench], object]
) -> None:
    async with bench.running():
        bench.give(work(config_map(sky="blue")))
        await bench.reported()
        vandalise(bench)
        await eventually(lambda: bench.writes == {"colours": 2})
        await bench.settled()

    assert (bench.writes, bench.find(MINE)["data"]) == ({"colours": 2}, {"sky": "blue"})
    assert labels_of(bench.find(MINE)) == {"karmada.io/managed": "true"}


async def test_a_war_over_a_field_is_not_fought_at_full_speed(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work(config_map(sky="blue")))
        await bench.reported()
        for number in range(20):
            bench.target.put({**bench.find(MINE), "data": {"sky": f"theirs-{number}"}})
            await bench.settled()

    assert bench.writes == {"colours": 4}


async def test_a_users_own_object_is_left_alone_and_said_so(bench: Workbench) -> None:
    bench.target.put(config_map(sky="mine"))
    async with bench.running():
        bench.give(work(config_map(sky="ours")))
        report = await bench.reported()
        bench.give(tombstone())
        await bench.reported(where=lambda r: r.removed)

    assert (bench.find(MINE)["data"], bench.writes) == ({"sky": "mine"}, {})
    assert (report.applied, report.reason) == (False, "AppliedFailed")
    assert "conflict-resolution: overwrite" in report.message


async def test_overwrite_takes_a_users_object_over(bench: Workbench) -> None:
    bench.target.put(config_map(sky="mine"))
    ours = annotated(config_map(sky="ours"), {"work.karmada.io/conflict-resolution": "overwrite"})
    async with bench.running():
        bench.give(work(ours))
        report = await bench.reported()

    assert (report.applied, bench.find(MINE)["data"]) == (True, {"sky": "ours"})


async def test_a_namespace_that_is_there_is_used_and_never_removed(bench: Workbench) -> None:
    there = bench.target.put(namespace("shop"))
    async with bench.running():
        bench.give(work(namespace("shop")))
        report = await bench.reported()
        bench.give(tombstone())
        await bench.reported(where=lambda r: r.removed)

    assert (report.applied, bench.writes, bench.find(ref_of(there))["metadata"]["name"]) == (True, {}, "shop")


async def test_a_tombstone_removes_what_was_applied_and_answers(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work(config_map(), deployment()))
        await bench.reported()
        bench.give(tombstone())
        report = await bench.reported(where=lambda r: r.removed)

    assert report.digest == tombstone().digest()
    assert (bench.find(MINE), bench.journal.works(), bench.journal.kinds()) == ({}, [], set())


async def test_preserve_leaves_the_objects_without_our_marks(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work(config_map(sky="blue")))
        await bench.reported()
        bench.give(tombstone(preserve=True))
        await bench.reported(where=lambda r: r.removed)

    found = bench.find(MINE)
    assert (found["data"], labels_of(found), annotations_of(found)) == ({"sky": "blue"}, {}, {})


async def test_what_leaves_a_work_is_pruned(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work(config_map("a"), config_map("b")))
        bench.give(work(config_map("a")))
        await bench.settled()

    assert bench.find(ref_of(config_map("a")))
    assert not bench.find(ref_of(config_map("b")))


async def test_a_suspended_work_is_neither_applied_nor_repaired(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work(config_map(sky="blue")))
        await bench.reported()
        bench.give(work(config_map(sky="red"), suspended=True))
        await bench.settled()
        bench.target.remove(MINE)
        await bench.settled()

    assert bench.find(MINE) == {}


async def test_looking_again_writes_nothing_and_tells_nothing(bench: Workbench) -> None:
    async with bench.running() as engine:
        bench.give(work(config_map()))
        await bench.reported()
        for _ in range(3):
            engine.offer(["w"])
            await bench.settled()

    assert (len(bench.reports), bench.writes) == (1, {"colours": 1})


async def test_an_unreadable_manifest_is_said_and_stops_nobody(bench: Workbench) -> None:
    async with bench.running():
        bench.give(work({"kind": "ConfigMap", "metadata": {}}, name="bad"), work(config_map(), name="good"))
        report = await bench.reported("bad")
        await bench.reported("good", where=lambda r: r.applied)

    assert "spec.workload.manifests[0]: needs apiVersion, kind and metadata.name" in report.message
