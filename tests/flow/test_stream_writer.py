"""Writes in a crowd: each is stored under its own terms and answered for itself, whatever happens on the way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import orjson
import pytest

from flotilla_common.bus import Bus, BusSettings, Entry, connect, read_all
from flotilla_common.errors import Conflict, Unavailable
from flotilla_common.subjects import OBJECTS, stream_call
from flotilla_hub.broker import streams
from flotilla_hub.store.jetstream import JetStreamStore
from flotilla_hub.store.port import Key
from flotilla_hub.store.writer import BATCH, FEW, LARGEST, LEAST, MOST, StreamWriter
from tests.nats import NatsServer, running

CROWD = 2 * MOST + LEAST + FEW


@pytest.fixture
async def bus(nats_server: NatsServer) -> AsyncIterator[Bus]:
    async with connect(BusSettings(nats_server.url), name="hub") as bus:
        await streams.ensure(bus)
        yield bus


def subject(n: int) -> str:
    return OBJECTS.subject("things", "default", str(n))


async def written(writer: StreamWriter, count: int) -> Sequence[int | BaseException]:
    """What each of so many, all at once, got."""
    writes = (writer.publish(subject(n), b"%d" % n, expected=0, headers={"Mine": str(n)}) for n in range(count))
    return await asyncio.gather(*writes, return_exceptions=True)


async def stored(bus: Bus) -> dict[int, Entry]:
    """By revision."""
    return {entry.revision: entry async for batch in read_all(bus, OBJECTS, consumer="test") for entry in batch}


def in_batches(found: dict[int, Entry]) -> int:
    return sum(BATCH in entry.headers for entry in found.values())


@pytest.mark.parametrize(
    ("count", "together"),
    [
        pytest.param(1, 0, id="one-goes-alone"),
        pytest.param(FEW + LEAST - 1, 0, id="a-few-go-alone"),
        pytest.param(FEW + LEAST, LEAST, id="many-go-together"),
        pytest.param(CROWD, CROWD - FEW, id="more-than-fit-go-in-several"),
    ],
)
async def test_each_is_stored_under_the_revision_it_was_told(bus: Bus, count: int, together: int) -> None:
    told = await written(StreamWriter(bus, OBJECTS), count)
    found = await stored(bus)
    assert [(found[r].subject, found[r].data, found[r].headers["Mine"]) for r in told if isinstance(r, int)] == [
        (subject(n), b"%d" % n, str(n)) for n in range(count)
    ]
    assert (len(found), in_batches(found)) == (count, together)


async def test_one_that_comes_too_late_does_not_hold_up_the_others(bus: Bus) -> None:
    writer, late = StreamWriter(bus, OBJECTS), FEW + 3
    first = await writer.publish(subject(late), b"mine", expected=0)
    told = await written(writer, CROWD)
    assert [n for n, each in enumerate(told) if isinstance(each, Conflict)] == [late]
    found = await stored(bus)
    assert (len(found), found[first].data) == (CROWD, b"mine")
    assert sorted(r for r in told if isinstance(r, int)) == sorted(found.keys() - {first})


async def test_two_of_a_crowd_under_one_name_go_one_after_the_other(bus: Bus) -> None:
    store, key = JetStreamStore(bus, OBJECTS, "hub"), Key("things", "default", "x")
    others = (store.write(key._replace(name=str(n)), b"{}", 0) for n in range(CROWD))
    twice = (store.write(key, body, 0) for body in (b"1", b"2"))
    told = await asyncio.gather(*others, *twice, return_exceptions=True)
    assert [type(each) for each in told[-2:]].count(Conflict) == 1
    assert len({each for each in told if isinstance(each, int)}) == CROWD + 1


async def test_a_crowd_takes_the_places_of_what_was_deleted(bus: Bus) -> None:
    store, keys = JetStreamStore(bus, OBJECTS, "hub"), [Key("things", "", str(n)) for n in range(CROWD)]
    for _ in range(2):
        revisions = await asyncio.gather(*(store.write(key, b"{}", 0) for key in keys))
        gone = await asyncio.gather(*(store.delete(key, at) for key, at in zip(keys, revisions, strict=True)))
    assert len(set(gone)) == CROWD and not (await store.list()).items


async def test_large_ones_go_alone_beside_a_crowd(bus: Bus) -> None:
    writer = StreamWriter(bus, OBJECTS)
    large = asyncio.create_task(writer.publish(subject(CROWD), b"x" * (LARGEST + 1)))
    assert all(isinstance(each, int) for each in await written(writer, CROWD))
    assert BATCH not in (await stored(bus))[await large].headers


async def test_a_stream_that_takes_no_batches_takes_the_writes(bus: Bus) -> None:
    config = {**streams.wanted(OBJECTS, replicas=1), "allow_atomic": False}
    await bus.request(stream_call("UPDATE", OBJECTS), orjson.dumps(config))
    told = await written(StreamWriter(bus, OBJECTS), CROWD)
    found = await stored(bus)
    assert (set(told), in_batches(found)) == (set(found), 0)


async def test_a_leader_that_is_cancelled_leaves_its_group_to_go_on(bus: Bus) -> None:
    writer = StreamWriter(bus, OBJECTS)
    writes = [asyncio.create_task(writer.publish(subject(n), b"", expected=0)) for n in range(FEW + LEAST)]
    await asyncio.sleep(0)
    writes[FEW].cancel()
    told = await asyncio.gather(*writes, return_exceptions=True)
    assert [n for n, each in enumerate(told) if not isinstance(each, int)] == [FEW]
    assert len(await stored(bus)) == FEW + LEAST - 1


@pytest.mark.parametrize("round_", range(3))
async def test_what_was_acknowledged_outlives_a_kill_and_nothing_is_stored_twice(tmp_path: Path, round_: int) -> None:
    """A caller that was told nothing tries again; compare-and-set tells it what became of its first try."""
    quick = {"reconnect_first": 0.02, "reconnect_most": 0.1, "request_timeout": 2.0}
    with running(tmp_path) as server:
        async with connect(BusSettings(server.url, **quick), name="hub") as bus:  # type: ignore[arg-type]
            await streams.ensure(bus)
            writer = StreamWriter(bus, OBJECTS)
            crowd = asyncio.create_task(written(writer, 5 * CROWD))
            # At another moment of the crowd's way each time.
            while (await bus.request(stream_call("INFO", OBJECTS)))["state"]["messages"] < round_ * MOST:
                pass
            server.kill()
            server.start()
            told = await crowd
            found = await stored(bus)
            acknowledged = [(n, each) for n, each in enumerate(told) if isinstance(each, int)]
            assert all(found[revision].subject == subject(n) for n, revision in acknowledged)
            assert all(isinstance(each, int | Unavailable) for each in told)
            again = await written(StreamWriter(bus, OBJECTS), 5 * CROWD)
            assert all(isinstance(each, int | Conflict) for each in again)
            assert len(await stored(bus)) == 5 * CROWD
