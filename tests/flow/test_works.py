"""What the hub remembers of Works is what NATS holds, whoever writes, answers or goes meanwhile."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from flotilla_common.bus import Bus, BusSettings, connect, read_all
from flotilla_common.errors import TooLarge
from flotilla_common.messages import WorkMessage, WorkReport
from flotilla_common.subjects import STATUS, WORKS, StatusSubject, WorkSubject
from flotilla_hub.broker import streams
from flotilla_hub.dispatch.works import Works
from tests.nats import NatsServer

ORIGIN = "resourcebindings.work.karmada.io/default/web"
WEB = WorkSubject("eu", "web")


@pytest.fixture
async def bus(nats_server: NatsServer) -> AsyncIterator[Bus]:
    async with connect(BusSettings(nats_server.url), name="hub") as bus:
        await streams.ensure(bus)
        yield bus


@pytest.fixture
async def works(bus: Bus) -> Works:
    works = Works(bus, "hub")
    await works.load()
    return works


def message(text: bytes = b"1", **more: bool) -> WorkMessage:
    return WorkMessage("eu", "web", [b'{"kind":"X","metadata":{"name":"x"},"n":' + text + b"}"], **more)


async def reported(works: Works, bus: Bus, **more: bool) -> WorkReport:
    """What the agent of `eu` would say of the Work as it is now."""
    entry = works.get(WEB)
    assert entry is not None
    report = WorkReport("eu", "web", entry.digest, **more)
    works.report(WEB, report, await bus.publish(str(StatusSubject("eu", "web")), report.pack()))
    return report


async def test_what_is_the_same_is_not_sent_again_also_after_a_restart(works: Works, bus: Bus) -> None:
    for _ in range(2):
        await works.publish([message()], ORIGIN)
    after = Works(bus, "next")
    await after.load()
    await after.publish([message()], ORIGIN)
    assert (works.published, after.published) == (1, 0)
    assert (after.held("eu"), after.origins()) == (works.held("eu"), [ORIGIN])


async def test_a_restarted_hub_knows_tombstones_and_what_is_to_be_preserved(works: Works, bus: Bus) -> None:
    await works.publish([message(preserve=True)], ORIGIN)
    await works.bury([WEB])
    after = Works(bus, "next")
    await after.load()
    before, entry = works.get(WEB), after.get(WEB)
    assert before is not None and entry is not None
    assert (entry.deleted, entry.preserve, entry.digest) == (True, True, before.digest)


async def test_a_work_that_is_gone_is_gone_from_everywhere(works: Works, bus: Bus) -> None:
    await works.publish([message()], ORIGIN)
    await works.bury([WEB])
    await reported(works, bus, removed=True)
    await works.forget(WEB)
    stored = [await bus.last(WORKS, str(WEB)), await bus.last(STATUS, str(StatusSubject(*WEB)))]
    assert (works.get(WEB), works.held("eu"), works.origins(), stored) == (None, (0, 0), [], [None, None])


async def test_a_work_published_while_it_is_being_forgotten_stays(works: Works, bus: Bus) -> None:
    for _ in range(20):
        await works.publish([message()], ORIGIN)
        await works.bury([WEB])
        await reported(works, bus, removed=True)
        await asyncio.gather(works.forget(WEB), works.publish([message(b"2")], ORIGIN))
        entry, stored = works.get(WEB), await works.read(WEB)
        assert entry is not None and stored is not None
        assert (entry.digest, stored) == (message(b"2").digest(), message(b"2"))


async def test_of_two_writers_at_once_what_is_remembered_is_what_is_stored(works: Works) -> None:
    for n in range(20):
        bodies = [message(b"%d" % (10 * n + i)) for i in range(5)]
        await asyncio.gather(*(works.publish([body], ORIGIN) for body in bodies))
        entry, stored = works.get(WEB), await works.read(WEB)
        assert entry is not None and stored is not None
        assert entry.digest == stored.digest()


async def test_an_answer_to_an_earlier_tombstone_does_not_pass_for_one_to_this(works: Works, bus: Bus) -> None:
    await works.publish([message()], ORIGIN)
    await works.bury([WEB])
    late = await reported(works, bus, removed=True)
    await works.publish([message()], ORIGIN)
    await works.bury([WEB])
    works.report(WEB, late, works.revision)
    entry = works.get(WEB)
    assert entry is not None
    assert not entry.is_answered


async def test_a_tombstone_is_buried_once(works: Works) -> None:
    await works.publish([message()], ORIGIN)
    for _ in range(3):
        await works.bury([WEB])
    assert works.published == 2


async def test_the_same_report_twice_is_no_news(works: Works, bus: Bus) -> None:
    await works.publish([message()], ORIGIN)
    told: list[WorkSubject] = []
    works.subscribe(lambda subject, _: told.append(subject))
    report = await reported(works, bus, applied=True)
    works.report(WEB, report, works.revision)
    assert told == [WEB]


async def test_reports_on_works_that_are_no_more_do_not_stay(works: Works, bus: Bus) -> None:
    await works.publish([message()], ORIGIN)
    kept = await reported(works, bus, applied=True)
    for gone in (WorkSubject("eu", "gone"), WorkSubject("us", "web")):
        stray = WorkReport(*gone, digest=kept.digest, removed=True)
        works.report(gone, stray, await bus.publish(str(StatusSubject(*gone)), stray.pack()))
    await works.strays.purge()
    left = [s.subject async for batch in read_all(bus, STATUS, consumer="test") for s in batch]
    assert left == [str(StatusSubject(*WEB))]


async def test_a_stray_whose_work_has_come_meanwhile_stays(works: Works, bus: Bus) -> None:
    early = WorkReport("eu", "web", message().digest(), applied=True)
    works.report(WEB, early, await bus.publish(str(StatusSubject(*WEB)), early.pack()))
    await works.publish([message()], ORIGIN)
    await works.strays.purge()
    assert await bus.last(STATUS, str(StatusSubject(*WEB))) is not None


async def test_a_work_too_large_is_returned_and_the_others_go(works: Works) -> None:
    large = WorkMessage("us", "web", [b"x" * 2 * 1024 * 1024])
    refused = await works.publish([message(), large], ORIGIN)
    assert [(subject, type(why)) for subject, why in refused.items()] == [(WorkSubject("us", "web"), TooLarge)]
    assert (works.get(WorkSubject("us", "web")), works.published) == (None, 1)


async def test_what_others_changed_is_told_when_everything_is_read_again(works: Works, bus: Bus) -> None:
    await works.publish([message()], ORIGIN)
    other = Works(bus, "other")
    await other.load()
    await other.publish([message(b"2"), WorkMessage("us", "api")], ORIGIN)
    told: set[WorkSubject] = set()
    works.subscribe(lambda subject, _: told.add(subject))
    await works.load()
    assert told == {WEB, WorkSubject("us", "api")}
    assert works.held("eu") == other.held("eu")


async def test_what_is_published_while_everything_is_read_counts(works: Works, bus: Bus) -> None:
    await works.publish([WorkMessage("eu", f"w{n}") for n in range(600)], ORIGIN)
    await asyncio.gather(works.load(), works.publish([message()], ORIGIN), works.publish([message(b"2")], ORIGIN))
    fresh = Works(bus, "fresh")
    await fresh.load()
    assert works.held("eu") == fresh.held("eu")
