"""The server that all flow tests share keeps its promises."""

import nats
import pytest

from tests.nats import NatsServer


async def test_jetstream_is_on(nats_server: NatsServer) -> None:
    async with await nats.connect(nats_server.url) as client:
        assert (await client.jetstream().account_info()).streams == 0


@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_port_and_data_outlive_a_restart(nats_server: NatsServer, end: str) -> None:
    url = nats_server.url
    async with await nats.connect(url) as client:
        await client.jetstream().add_stream(name="S", subjects=["s"])
    getattr(nats_server, end)()
    nats_server.start()
    async with await nats.connect(url) as client:
        assert (await client.jetstream().account_info()).streams == 1
