"""A feed tells its reader everything once, in order, whatever happens to the connection, the server or its rivals."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress

import pytest

from flotilla_common.bus import Bus, BusSettings, Entry, Feed, connect, read_all
from flotilla_common.bus.fetch import BATCH
from flotilla_common.errors import TooLarge, Unavailable
from flotilla_common.subjects import AGENT_API, WORKS, WorkSubject, agent_consumer, stream_call
from flotilla_hub.broker import streams
from tests.eventually import eventually
from tests.nats import NatsServer

QUICK = {"reconnect_first": 0.02, "reconnect_most": 0.1, "request_timeout": 2.0}


class Reader:
    """Follows a feed beside the test and keeps what it tells."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.told: list[Entry] = []
        self.passes = 0
        """How often it was told that it has caught up."""

    @property
    def bodies(self) -> list[bytes]:
        return [entry.data for entry in self.told]

    @property
    def revisions(self) -> list[int]:
        return [entry.revision for entry in self.told]

    async def run(self) -> None:
        async with aclosing(self.feed.batches()) as batches:
            async for batch in batches:
                self.told += batch
                self.passes += not batch

    async def has(self, *bodies: bytes) -> None:
        """It is told these, and nothing else."""
        await eventually(lambda: len(self.told) >= len(bodies))
        assert self.bodies == list(bodies)


@asynccontextmanager
async def reading(feed: Feed) -> AsyncIterator[Reader]:
    """A reader that has caught up."""
    reader = Reader(feed)
    task = asyncio.create_task(reader.run(), name="reader")
    try:
        await eventually(lambda: reader.passes or task.done())
        yield reader
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def hub(nats_server: NatsServer) -> AsyncIterator[Bus]:
    async with connect(BusSettings(nats_server.url, **QUICK), name="hub") as bus:  # type: ignore[arg-type]
        await streams.ensure(bus)
        yield bus


@pytest.fixture
async def agent(nats_server: NatsServer, hub: Bus) -> AsyncIterator[Bus]:
    settings = BusSettings(nats_server.url, api=AGENT_API, inbox="_INBOX_a", **QUICK)  # type: ignore[arg-type]
    async with connect(settings, name="agent") as bus:
        yield bus


async def put(hub: Bus, work: str, body: bytes, cluster: str = "a") -> int:
    return await hub.publish(str(WorkSubject(cluster, work)), body)


async def put_many(hub: Bus, count: int, prefix: str = "w", cluster: str = "a") -> None:
    for start in range(0, count, 200):
        numbers = range(start, min(start + 200, count))
        await asyncio.gather(*(put(hub, f"{prefix}{n}", b"%d" % n, cluster) for n in numbers))


async def consumers(hub: Bus) -> int:
    return int((await hub.request(stream_call("INFO", WORKS)))["state"]["consumer_count"])


def own(bus: Bus, *, since: int = 0, overlap: int = 0) -> Feed:
    """The feed of cluster `a`, as its agent has it."""
    return Feed(bus, WORKS, "a", consumer=agent_consumer("a"), since=since, overlap=overlap)


# The normal course.


async def test_what_was_there_comes_first_then_what_is_new(hub: Bus, agent: Bus) -> None:
    await put(hub, "w", b"old")
    await put(hub, "w", b"older is gone")
    async with reading(own(agent)) as reader:
        await put(hub, "w", b"new")
        await put(hub, "v", b"newer")
        await reader.has(b"older is gone", b"new", b"newer")
    assert reader.revisions == [2, 3, 4]


async def test_a_reader_resumes_after_what_it_holds(hub: Bus, agent: Bus) -> None:
    revisions = [await put(hub, name, name.encode()) for name in "abc"]
    async with reading(own(agent, since=revisions[1])) as reader:
        await reader.has(b"c")


async def test_what_is_another_clusters_is_not_told(hub: Bus, agent: Bus) -> None:
    await put(hub, "w", b"theirs", cluster="b")
    async with reading(own(agent)) as reader:
        await put(hub, "v", b"theirs too", cluster="b")
        await put(hub, "w", b"ours")
        await reader.has(b"ours")


async def test_writes_during_the_catch_up_are_told_once_and_in_order(hub: Bus, agent: Bus) -> None:
    await put_many(hub, BATCH + 100)
    reader = Reader(own(agent))
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        following = group.create_task(reader.run())
        await put_many(hub, 300, prefix="x")
        last = await put(hub, "last", b"last")
        await eventually(lambda: last in reader.revisions)
        following.cancel()
    assert reader.revisions == sorted(set(reader.revisions))
    assert {e.subject for e in reader.told} == {
        str(WorkSubject("a", name))
        for name in (*(f"w{n}" for n in range(BATCH + 100)), *(f"x{n}" for n in range(300)), "last")
    }


@pytest.mark.parametrize("count", [BATCH - 1, BATCH, BATCH + 1, 2 * BATCH + 1])
async def test_a_catch_up_of_any_length_is_whole_and_leaves_no_consumer(hub: Bus, agent: Bus, count: int) -> None:
    await put_many(hub, count)
    batches = [batch async for batch in read_all(agent, WORKS, "a", consumer=agent_consumer("a"))]
    assert [e.revision for batch in batches for e in batch] == list(range(1, count + 1))
    assert [len(batch) for batch in batches[:-1]] == [BATCH] * (len(batches) - 1)
    assert await consumers(hub) == 0


async def test_a_catch_up_ends_however_fast_others_write(hub: Bus) -> None:
    await put_many(hub, BATCH + 100)
    batches, found = 0, read_all(hub, WORKS, consumer="busy", beside_live=True)
    async with asyncio.timeout(20), aclosing(found):
        async for _ in found:
            batches += 1
            await put_many(hub, BATCH + 100)
    assert batches == 2


async def test_who_does_not_listen_misses_no_subject_that_is_written_over_meanwhile(hub: Bus) -> None:
    """A reader that only counted would stop before the one that was written again."""
    await put_many(hub, BATCH + 100)
    told = set[str]()
    async with asyncio.timeout(20), aclosing(read_all(hub, WORKS, consumer="list")) as found:  # type: ignore[type-var]
        async for batch in found:
            if not told:
                await put_many(hub, 100, prefix="new")
                await put(hub, f"w{BATCH + 99}", b"again")
            told |= {entry.subject for entry in batch}
    assert len(told) == BATCH + 200


async def test_what_is_written_over_during_a_catch_up_is_told_in_its_last_form(hub: Bus) -> None:
    await put_many(hub, BATCH + 100)
    feed, last = Feed(hub, WORKS, consumer="busy"), dict[str, bytes]()
    wanted = {str(WorkSubject("a", f"w{n}")): b"new" for n in range(BATCH + 100)}
    async with asyncio.timeout(20), aclosing(feed.batches()) as batches:  # type: ignore[type-var]
        async for batch in batches:
            is_first = not last
            last |= {entry.subject: entry.data for entry in batch}
            if is_first:
                await asyncio.gather(*(put(hub, f"w{n}", b"new") for n in range(BATCH + 100)))
            if last == wanted:
                break
    assert last == wanted


async def test_after_many_catch_ups_no_consumer_is_left(hub: Bus, agent: Bus) -> None:
    await put_many(hub, 5)
    async with reading(own(agent)) as reader:
        for n in range(20):
            reader.feed.catch_up(since=0)
            await eventually(lambda passes=n + 2: reader.passes >= passes)
    assert await consumers(hub) == 0
    assert reader.revisions == [1, 2, 3, 4, 5] * 21


async def test_a_reader_that_left_is_not_told_and_not_called_any_more(hub: Bus, agent: Bus) -> None:
    for _ in range(3):
        async with reading(own(agent)):
            pass
    assert agent._listeners == []
    assert [sub.subject for sub in agent._client._subs.values() if ".live." in sub.subject] == []


# What gets lost on the way.


async def test_a_live_message_that_was_lost_shows_with_the_next_of_its_work(hub: Bus, agent: Bus) -> None:
    async with reading(own(agent)) as reader:
        async with deaf(agent):
            await put(hub, "w", b"lost")
            await put(hub, "v", b"lost too")
        await put(hub, "w", b"next")
        await reader.has(b"lost too", b"next")


async def test_a_reader_of_the_whole_stream_sees_every_gap(hub: Bus) -> None:
    async with reading(Feed(hub, WORKS, consumer="all")) as reader:
        async with deaf(hub):
            await put(hub, "v", b"lost")
        await put(hub, "w", b"next")
        await reader.has(b"lost", b"next")


async def test_what_was_lost_and_removed_since_is_no_gap_to_chase_for_ever(hub: Bus) -> None:
    feed = Feed(hub, WORKS, consumer="all")
    async with asyncio.timeout(20), aclosing(feed.batches()) as batches:
        assert await anext(batches) == []
        async with deaf(hub):
            await put(hub, "v", b"lost")
        await put(hub, "w", b"shows the gap")
        await eventually(lambda: feed._live)
        await hub.request(stream_call("PURGE", WORKS))
        assert await anext(batches) == [], "it looked, and there is nothing any more"
        await put(hub, "x", b"stays")
        assert [e.data for e in await anext(batches)] == [b"stays"]


async def test_to_be_asked_for_everything_in_mid_fetch_is_not_forgotten(hub: Bus, agent: Bus) -> None:
    await put_many(hub, BATCH + 1)
    feed = own(agent, since=BATCH // 2)
    told: list[int] = []
    async with asyncio.timeout(20), aclosing(feed.batches()) as batches:
        told += [e.revision for e in await anext(batches)]
        feed.catch_up(since=0)
        while batch := await anext(batches):
            told += [e.revision for e in batch]
    assert told == [*range(BATCH // 2 + 1, BATCH + 2), *range(1, BATCH + 2)]


async def test_two_agents_by_one_name_both_get_everything(hub: Bus, nats_server: NatsServer) -> None:
    """By mistake, as when a machine was cloned: they take the consumer from each other."""
    await put_many(hub, 3 * BATCH)
    settings = BusSettings(nats_server.url, api=AGENT_API, **QUICK)  # type: ignore[arg-type]
    async with AsyncExitStack() as stack:
        feeds = [own(await stack.enter_async_context(connect(settings, name=f"twin {n}"))) for n in range(2)]
        readers = [await stack.enter_async_context(reading(feed)) for feed in feeds]
        for _ in range(3):
            before = [reader.passes for reader in readers]
            for feed in feeds:
                feed.catch_up(since=0)
            await eventually(
                lambda before=before: all(r.passes > b for r, b in zip(readers, before, strict=True)), within=60
            )
        for reader in readers:
            assert set(reader.revisions) == set(range(1, 3 * BATCH + 1))


# What happens to the server.


async def test_an_outage_is_caught_up_with(hub: Bus, agent: Bus, nats_server: NatsServer) -> None:
    await put(hub, "w", b"before")
    async with reading(own(agent)) as reader:
        nats_server.stop()
        await eventually(lambda: not hub.connected and not agent.connected)
        nats_server.start()
        await eventually(lambda: hub.connected)
        await put(hub, "v", b"while away, perhaps")
        await eventually(lambda: agent.connected)
        await put(hub, "w", b"after")
        await eventually(lambda: b"after" in reader.bodies)
    assert reader.bodies == [b"before", b"while away, perhaps", b"after"]


@pytest.mark.parametrize("times", [1, 3])
async def test_a_killed_server_costs_nothing_but_a_second_look(
    hub: Bus, agent: Bus, nats_server: NatsServer, times: int
) -> None:
    await put_many(hub, 10)
    async with reading(own(agent, overlap=4)) as reader:
        for _ in range(times):
            nats_server.kill()
            await eventually(lambda: not hub.connected and not agent.connected)
            nats_server.start()
            await eventually(lambda: hub.connected and agent.connected)
        await put(hub, "last", b"last")
        await eventually(lambda: reader.bodies[-1:] == [b"last"])
    assert set(reader.revisions) == set(range(1, 12))
    assert reader.revisions[10:].count(10) >= 1, "the last ones are looked at once more"


async def test_a_reader_may_begin_while_the_server_is_away(hub: Bus, agent: Bus, nats_server: NatsServer) -> None:
    await put(hub, "w", b"there")
    nats_server.stop()
    await eventually(lambda: not agent.connected)
    reader = Reader(own(agent))
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        following = group.create_task(reader.run())
        nats_server.start()
        await reader.has(b"there")
        following.cancel()


async def test_a_stream_that_is_not_there_yet_is_waited_for(nats_server: NatsServer) -> None:
    settings = BusSettings(nats_server.url, api=AGENT_API, **QUICK)  # type: ignore[arg-type]
    async with connect(settings, name="agent") as agent, asyncio.timeout(20), asyncio.TaskGroup() as group:
        reader = Reader(own(agent))
        following = group.create_task(reader.run())
        async with connect(BusSettings(nats_server.url), name="hub") as hub:
            await streams.ensure(hub)
            await put(hub, "w", b"there")
            await reader.has(b"there")
        following.cancel()


async def test_a_message_nobody_can_send_is_told_as_such_and_the_connection_stays(hub: Bus) -> None:
    with pytest.raises(TooLarge, match=r"takes 2097152 bytes and NATS takes messages of 1048576; make the object"):
        await put(hub, "w", bytes(2 * 1024 * 1024))
    assert await put(hub, "w", b"small") == 1


async def test_a_connection_the_server_ends_for_good_is_told(agent: Bus) -> None:
    """The client gives up over a protocol error; a process that went on would be deaf and dumb."""
    agent._client._transport.write(b"NONSENSE\r\n")
    with pytest.raises(Unavailable, match="closed the connection for good"):
        async with asyncio.timeout(10):
            await agent.until_closed()


async def test_a_stop_that_meets_an_answer_is_not_lost(hub: Bus) -> None:
    """`asyncio.wait_for` of Python 3.11, by which the client waits, loses it, and the task would run on for ever."""
    task = asyncio.create_task(hub.request(stream_call("INFO", WORKS)))
    while not hub._client._resp_map:  # noqa: ASYNC110  # the very next turn of the loop may be too late
        await asyncio.sleep(0)
    (answer,) = hub._client._resp_map.values()
    answer.add_done_callback(lambda _: task.cancel())
    await asyncio.wait([task])
    assert task.cancelled()


@asynccontextmanager
async def deaf(bus: Bus) -> AsyncIterator[None]:
    """The server sends nothing of its subscriptions meanwhile, and nobody notices: the connection stays."""
    client = bus._client
    held = [sub for sub in client._subs.values() if ".live." in sub.subject]
    for sub in held:
        await client._send_unsubscribe(sub._id)
    await bus.flush()
    yield
    for sub in held:
        await client._send_subscribe(sub)
    await bus.flush()
