"""The embedded server comes back whatever happens to it, and leaves with its hub: observed on real processes."""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

import orjson
import pytest

from flotilla_common.bus import BusSettings, connect, read_all
from flotilla_common.errors import Terminal
from flotilla_common.subjects import OBJECTS, WORKS, Stream, WorkSubject, agent_consumer, stream_call
from flotilla_hub.broker import binary, credentials, orphan, streams
from flotilla_hub.broker.config import ServerConfig, render
from flotilla_hub.broker.server import Broker, BrokerSettings, embedded
from tests.eventually import eventually
from tests.nats import NatsServer
from tests.realm import Realm

SUBJECT = OBJECTS.subject("x")


def _bus(broker: Broker) -> BusSettings:
    return BusSettings(broker.url, credentials=str(broker.credentials), reconnect_most=0.1)


async def test_port_keys_and_data_outlive_a_restart_of_the_hub(tmp_path: Path) -> None:
    async with embedded(BrokerSettings(tmp_path)) as first, connect(_bus(first), name="hub") as bus:
        await streams.ensure(bus)
        revision = await bus.publish(SUBJECT, b"kept")
        creds = credentials.agent(first.keys, "a", now=0)
    async with embedded(BrokerSettings(tmp_path)) as again, connect(_bus(again), name="hub") as bus:
        stored = await bus.last(OBJECTS, SUBJECT)
        (tmp_path / "a.creds").write_text(creds)
        async with connect(BusSettings(again.url, str(tmp_path / "a.creds")), name="an agent of before"):
            pass
    assert again.url == first.url
    assert stored is not None and (stored.data, stored.headers) == (b"kept", stored.headers)
    assert int((stored.headers or {})["Nats-Sequence"]) == revision


@pytest.mark.parametrize("stream", streams.STREAMS, ids=lambda stream: stream.family)
async def test_a_killed_server_is_back_with_all_it_acknowledged(tmp_path: Path, stream: Stream) -> None:
    async with embedded(BrokerSettings(tmp_path)) as broker, connect(_bus(broker), name="hub") as bus:
        await streams.ensure(bus)
        for number in range(50):
            await bus.publish(stream.subject("a", str(number)), b"x")
        back = asyncio.Event()
        bus.on_reconnect(back.set)
        pid = broker.process.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(10):
            await back.wait()
        assert (await bus.request(stream_call("INFO", stream)))["state"]["messages"] == 50


async def test_a_second_hub_on_the_same_data_is_refused(tmp_path: Path) -> None:
    async with embedded(BrokerSettings(tmp_path)):
        with pytest.raises(Terminal, match="another hub uses"):
            async with embedded(BrokerSettings(tmp_path)):
                pass


async def test_nothing_is_left_running(tmp_path: Path) -> None:
    async with embedded(BrokerSettings(tmp_path)) as broker:
        pid = broker.process.pid
        assert pid is not None and orphan.is_ours(pid, tmp_path / "nats.conf")
    assert not orphan.is_ours(pid, tmp_path / "nats.conf")


HUB = """
import asyncio, sys
from pathlib import Path
from flotilla_hub.broker.server import BrokerSettings, embedded

async def serve():
    async with embedded(BrokerSettings(Path(sys.argv[1]))) as broker:
        print(broker.process.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(serve())
"""


async def test_a_hub_killed_and_started_again_at_once_gets_its_port_and_data(tmp_path: Path) -> None:
    hub = await asyncio.create_subprocess_exec(sys.executable, "-c", HUB, str(tmp_path), stdout=asyncio.subprocess.PIPE)
    assert hub.stdout is not None
    before = int(await hub.stdout.readline())
    hub.kill()
    await hub.wait()
    async with embedded(BrokerSettings(tmp_path)) as broker, connect(_bus(broker), name="hub"):
        assert not orphan.is_ours(before, tmp_path / "nats.conf")


async def test_a_server_left_behind_is_stopped(tmp_path: Path) -> None:
    config, pid_file = tmp_path / "nats.conf", tmp_path / "nats.pid"
    text = render(ServerConfig("left-behind", "127.0.0.1", -1, tmp_path / "streams", pid_file, tmp_path / "nats.log"))
    config.write_text(text)
    left = await asyncio.create_subprocess_exec(str(binary.find()), "-c", str(config))
    await eventually(lambda: pid_file.exists() and pid_file.read_text())
    async with embedded(BrokerSettings(tmp_path)):
        async with asyncio.timeout(10):
            assert await left.wait() == 0


@pytest.mark.parametrize("victim", ["a nats-server on other data", "no nats-server at all"])
async def test_a_stranger_with_the_noted_pid_is_left_alone(
    tmp_path: Path, nats_server: NatsServer, victim: str
) -> None:
    pid = nats_server.pid if "other data" in victim else os.getppid()
    (tmp_path / "nats.pid").write_text(str(pid))
    async with embedded(BrokerSettings(tmp_path)):
        os.kill(pid, 0)
    nats_server.stop()


async def test_a_port_that_another_nats_holds_is_said_so(tmp_path: Path, nats_server: NatsServer) -> None:
    with pytest.raises(Terminal, match=r"Address already in use; choose another with --nats-listen"):
        async with embedded(BrokerSettings(tmp_path, port=nats_server.port)):
            pass


async def test_a_server_that_cannot_start_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(Terminal, match=r"(?s)ends again and again.*max_payload"):
        async with embedded(BrokerSettings(tmp_path, max_payload=2**31)):
            pass


async def test_streams_are_ensured_twice_and_changed_once(realm: Realm, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "flotilla_hub.broker.streams")
    await streams.ensure(realm.hub)
    assert caplog.messages == []
    config = (await realm.hub.request(stream_call("INFO", WORKS)))["config"]
    assert config["consumer_limits"] == {"inactive_threshold": 60_000_000_000}


async def test_a_stream_that_differs_is_put_right_and_keeps_its_messages(
    realm: Realm, caplog: pytest.LogCaptureFixture
) -> None:
    before = (await realm.hub.request(stream_call("INFO", OBJECTS)))["state"]["messages"]
    changed = {**streams.wanted(OBJECTS, replicas=1), "allow_direct": False}
    await realm.hub.request(stream_call("UPDATE", OBJECTS), orjson.dumps(changed))
    caplog.set_level(logging.INFO, "flotilla_hub.broker.streams")
    await streams.ensure(realm.hub)
    info = await realm.hub.request(stream_call("INFO", OBJECTS))
    assert caplog.messages == ["stream changed"]
    assert (info["config"]["allow_direct"], info["state"]["messages"]) == (True, before)


async def test_the_push_host_serves_every_cluster(realm: Realm) -> None:
    remote = await realm.remote()
    for cluster in ("a", "b"):
        batches = [b async for b in read_all(remote, WORKS, cluster, consumer=agent_consumer(cluster))]
        assert [entry.subject for batch in batches for entry in batch] == [str(WorkSubject(cluster, "web"))]
