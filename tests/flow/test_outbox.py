"""Reports on their way into a real NATS: the latest counts, and what never stands still does not flood the hub."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from flotilla_agent.link.outbox import Outbox
from flotilla_common.bus import Bus, BusSettings, connect
from flotilla_common.messages import WorkReport
from flotilla_common.subjects import STATUS, StatusSubject, stream_call
from flotilla_hub.broker import streams
from tests.eventually import eventually
from tests.nats import NatsServer


@pytest.fixture
async def bus(nats_server: NatsServer) -> AsyncIterator[Bus]:
    async with connect(BusSettings(nats_server.url), name="agent") as bus:
        await streams.ensure(bus)
        yield bus


@pytest.fixture
async def outbox(bus: Bus) -> AsyncIterator[Outbox]:
    outbox = Outbox(bus, "eu")
    task = asyncio.create_task(outbox.run())
    yield outbox
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def report(digest: str, work: str = "web") -> WorkReport:
    return WorkReport("eu", work, digest)


async def stored(bus: Bus, digest: str, work: str = "web") -> int:
    """Wait until this is the last report of the Work; returns how many of all there have been."""
    async with asyncio.timeout(10):
        while True:
            message = await bus.last(STATUS, str(StatusSubject("eu", work)))
            if message is not None and WorkReport.unpack(message.data).digest == digest:
                break
            await asyncio.sleep(0.005)
    return int((await bus.request(stream_call("INFO", STATUS)))["state"]["last_seq"])


async def test_what_is_put_while_another_is_on_its_way_follows_and_only_the_last_of_it(
    bus: Bus, outbox: Outbox
) -> None:
    outbox.put(report("1"))
    await stored(bus, "1")
    for digest in ("2", "3", "4"):
        outbox.put(report(digest))

    assert await stored(bus, "4") == 2


async def test_one_that_waits_keeps_no_other_waiting(bus: Bus, outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox.put(report("1"))
    await stored(bus, "1")
    monkeypatch.setattr("flotilla_agent.link.outbox.GAP", 3600.0)
    outbox.put(report("2"))
    outbox.put(report("1", work="other"))

    assert await stored(bus, "1", work="other") == 2
    assert await stored(bus, "1") == 2


async def test_nothing_piles_up_while_the_server_is_away(nats_server: NatsServer, bus: Bus, outbox: Outbox) -> None:
    outbox.put(report("1"))
    await stored(bus, "1")
    nats_server.kill()
    await eventually(lambda: not bus.connected)
    buffered = bus._client._pending_data_size
    outbox.put(report("2"))
    for _ in range(100):
        await asyncio.sleep(0)
    assert bus._client._pending_data_size == buffered
    nats_server.start()
    assert await stored(bus, "2") == 2


async def test_what_a_killed_server_may_have_lost_is_sent_again_but_for_what_is_newer(
    nats_server: NatsServer, bus: Bus, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flotilla_agent.link.outbox.CALM", 0.05)
    outbox.put(report("1"))
    outbox.put(report("1", work="other"))
    await eventually(lambda: outbox.sent == 2)
    nats_server.kill()
    await eventually(lambda: not bus.connected)
    outbox.put(report("2"))
    nats_server.start()
    await eventually(lambda: outbox.sent == 4)
    assert await stored(bus, "2")
    assert await stored(bus, "1", work="other")
