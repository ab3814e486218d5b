"""The law of the Store port, read out to both stores."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing

import pytest

from flotilla_common.bus import BusSettings, connect
from flotilla_common.errors import Conflict, Expired
from flotilla_common.subjects import OBJECTS
from flotilla_hub.broker import streams
from flotilla_hub.store.jetstream import JetStreamStore
from flotilla_hub.store.memory import MemoryStore
from flotilla_hub.store.port import Change, Key, Store, Stored
from tests.nats import NatsServer

A = Key("deployments.apps", "default", "a")
B = Key("deployments.apps", "default", "b.with.dots")
CLUSTER = Key("clusters.cluster.karmada.io", "", "member1")


@pytest.fixture(params=["memory", "jetstream"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            yield MemoryStore()
            return
        server: NatsServer = request.getfixturevalue("nats_server")
        bus = await stack.enter_async_context(connect(BusSettings(server.url), name="test"))
        await streams.ensure(bus)
        yield JetStreamStore(bus, OBJECTS, "test")


async def take(store: Store, since: int, count: int) -> list[Change]:
    changes: list[Change] = []
    async with asyncio.timeout(10), aclosing(store.watch(since)) as watch:  # type: ignore[type-var]
        async for change in watch:
            changes.append(change)
            if len(changes) == count:
                break
    return changes


async def test_what_was_written_is_read_back_byte_for_byte(store: Store) -> None:
    revision = await store.write(A, b'{"b":1,"a":2}', 0)

    assert await store.get(A) == Stored(A, revision, b'{"b":1,"a":2}')


async def test_a_key_nobody_wrote_is_none(store: Store) -> None:
    assert await store.get(A) is None


async def test_revisions_rise_over_all_keys(store: Store) -> None:
    first = await store.write(A, b"1", 0)

    assert await store.write(B, b"1", 0) > first


async def test_a_create_of_a_taken_name_conflicts_and_says_so(store: Store) -> None:
    await store.write(A, b"1", 0)

    with pytest.raises(Conflict, match="already exists") as caught:
        await store.write(A, b"2", 0)

    assert caught.value.exists


async def test_a_stale_write_conflicts_and_changes_nothing(store: Store) -> None:
    first = await store.write(A, b"1", 0)
    second = await store.write(A, b"2", first)

    with pytest.raises(Conflict, match="modified"):
        await store.write(A, b"3", first)

    assert await store.get(A) == Stored(A, second, b"2")


async def test_of_two_writes_on_one_revision_exactly_one_wins(store: Store) -> None:
    first = await store.write(A, b"0", 0)

    done = await asyncio.gather(*(store.write(A, b"%d" % n, first) for n in range(8)), return_exceptions=True)

    assert sum(isinstance(d, int) for d in done) == 1
    assert sum(isinstance(d, Conflict) for d in done) == 7


async def test_a_stale_delete_conflicts(store: Store) -> None:
    first = await store.write(A, b"1", 0)
    await store.write(A, b"2", first)

    with pytest.raises(Conflict):
        await store.delete(A, first)


async def test_a_deleted_key_is_gone_and_its_name_free(store: Store) -> None:
    await store.delete(A, await store.write(A, b"1", 0))
    assert await store.get(A) is None

    again = await store.write(A, b"2", 0)

    assert await store.get(A) == Stored(A, again, b"2")


async def test_deleting_what_is_gone_conflicts(store: Store) -> None:
    revision = await store.write(A, b"1", 0)
    await store.delete(A, revision)

    with pytest.raises(Conflict):
        await store.delete(A, revision)


async def test_a_list_shows_the_living_at_a_revision_from_which_a_watch_misses_nothing(store: Store) -> None:
    a = await store.write(A, b"1", 0)
    await store.delete(B, await store.write(B, b"1", 0))
    cluster = await store.write(CLUSTER, b"2", 0)

    listing = await store.list()
    later = await store.write(B, b"3", 0)

    assert sorted(listing.items) == sorted([Stored(A, a, b"1"), Stored(CLUSTER, cluster, b"2")])
    assert await take(store, listing.revision, 1) == [Change(B, later, b"3")]


async def test_a_watch_from_the_start_sees_the_last_of_every_key_in_order(store: Store) -> None:
    a = await store.write(A, b"1", 0)
    b = await store.write(B, b"1", 0)
    gone = await store.delete(B, b)

    seen = {c.key: c for c in await take(store, 0, 3 if isinstance(store, MemoryStore) else 2)}

    assert seen == {A: Change(A, a, b"1"), B: Change(B, gone, None)}


async def test_a_live_watch_sees_every_write_once_in_order(store: Store) -> None:
    seen: list[Change] = []
    more = asyncio.Event()

    async def read() -> None:
        async with aclosing(store.watch(0)) as watch:  # type: ignore[type-var]
            async for change in watch:
                seen.append(change)
                more.set()

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        reader = group.create_task(read())
        revisions = [await store.write(A, b"0", 0)]
        await more.wait()  # the watch is live once it has shown one write
        for n in range(1, 6):
            revisions.append(await store.write(A, b"%d" % n, revisions[-1]))
        revisions.append(await store.delete(A, revisions[-1]))
        while not seen or seen[-1].body is not None:
            more.clear()
            await more.wait()
        reader.cancel()

    assert [c.revision for c in seen] == revisions


async def test_a_watch_resumes_without_a_gap_or_a_repeat(store: Store) -> None:
    keys = [Key("configmaps", "default", f"c{n}") for n in range(20)]
    revisions = [await store.write(key, b"1", 0) for key in keys]

    first = await take(store, 0, 7)
    rest = await take(store, first[-1].revision, 13)

    assert [c.revision for c in first + rest] == revisions


async def test_a_deletion_while_nobody_watched_is_seen_on_resuming(store: Store) -> None:
    revision = await store.write(A, b"1", 0)
    gone = await store.delete(A, revision)

    assert await take(store, revision, 1) == [Change(A, gone, None)]


async def test_history_that_was_compacted_is_expired_not_skipped(store: Store) -> None:
    revision = await store.write(A, b"1", 0)
    gone = await store.delete(A, revision)
    await store.write(B, b"1", 0)

    await store.compact(gone)

    with pytest.raises(Expired, match="list again"):
        await take(store, revision, 1)


async def test_compaction_keeps_the_living(store: Store) -> None:
    await store.delete(A, await store.write(A, b"1", 0))
    again = await store.write(A, b"2", 0)
    last = await store.write(B, b"1", 0)

    await store.compact(last)

    assert sorted((await store.list()).items) == [Stored(A, again, b"2"), Stored(B, last, b"1")]


async def test_a_watch_from_the_future_is_expired(store: Store) -> None:
    revision = await store.write(A, b"1", 0)

    with pytest.raises(Expired, match="list again"):
        await take(store, revision + 1000, 1)


async def test_a_reader_cannot_alter_what_is_stored(store: Store) -> None:
    body = bytearray(b"1")
    await store.write(A, bytes(body), 0)
    body[0] = 0

    held = await store.get(A)

    assert held is not None
    assert held.body == b"1"


async def test_a_list_never_shows_what_was_deleted_while_it_was_read(store: Store) -> None:
    keys = [Key("configmaps", "default", f"c{n}") for n in range(600)]
    revisions = await asyncio.gather(*(store.write(key, b"1", 0) for key in keys))
    listed = asyncio.create_task(store.list())
    await asyncio.gather(*(store.delete(key, revision) for key, revision in zip(keys, revisions, strict=True)))
    listing = await listed

    gone = {
        key for key, revision in zip(keys, revisions, strict=True) if Stored(key, revision, b"1") not in listing.items
    }
    later = await take(store, listing.revision, len(keys) - len(gone)) if len(gone) < len(keys) else []
    assert gone | {change.key for change in later if change.body is None} == set(keys)


async def test_what_one_reader_compacted_another_does_not_skip(nats_server: NatsServer) -> None:
    async with connect(BusSettings(nats_server.url), name="test") as bus:
        await streams.ensure(bus)
        one, other = JetStreamStore(bus, OBJECTS, "one"), JetStreamStore(bus, OBJECTS, "other")
        revision = await one.write(A, b"1", 0)
        gone = await one.delete(A, revision)
        await one.write(B, b"1", 0)
        await one.compact(gone)

        with pytest.raises(Expired, match="list again"):
            await take(other, revision, 1)
