"""The server's configuration as text; that a server accepts it is seen in tests/flow/test_broker.py."""

from dataclasses import replace
from pathlib import Path

import pytest

from flotilla_hub.broker.config import ServerConfig, Tls, render

PLAIN = ServerConfig("n", "127.0.0.1", 4222, Path("/d/streams"), Path("/d/nats.pid"), Path("/d/nats.log"))
TLS = Tls(Path("/d/tls.crt"), Path("/d/tls.key"))

LINES = [
    pytest.param(
        PLAIN, 'jetstream { store_dir: "/d/streams", sync_interval: always }', id="what-is-acknowledged-is-on-disk"
    ),
    pytest.param(PLAIN, 'listen: "127.0.0.1:4222"', id="one-address"),
    pytest.param(replace(PLAIN, host="::1"), 'listen: "[::1]:4222"', id="brackets-round-ipv6"),
    pytest.param(
        replace(PLAIN, sync="10s"), 'jetstream { store_dir: "/d/streams", sync_interval: 10s }', id="lazier-sync"
    ),
    pytest.param(PLAIN, "max_payload: 4194304", id="room-for-a-large-release"),
    pytest.param(replace(PLAIN, name='a"b'), 'server_name: "a\\"b"', id="quotes-are-quoted"),
    pytest.param(replace(PLAIN, tls=TLS), 'tls { cert_file: "/d/tls.crt", key_file: "/d/tls.key" }', id="tls"),
    pytest.param(
        replace(PLAIN, websocket_port=8080),
        'websocket { listen: "127.0.0.1:8080", no_tls: true }',
        id="plain-websocket",
    ),
    pytest.param(
        replace(PLAIN, websocket_port=8080, tls=TLS),
        'websocket { listen: "127.0.0.1:8080", tls { cert_file: "/d/tls.crt", key_file: "/d/tls.key" } }',
        id="websocket-with-tls",
    ),
    pytest.param(replace(PLAIN, operator="o.p.q", accounts={"A1": "t"}), "  A1: t", id="accounts"),
    pytest.param(replace(PLAIN, operator="o.p.q", system_account="A1"), "system_account: A1", id="system-account"),
]


@pytest.mark.parametrize(("config", "line"), LINES)
def test_configuration_says(config: ServerConfig, line: str) -> None:
    assert line in render(config).splitlines()


def test_without_an_operator_there_are_no_accounts() -> None:
    assert "resolver" not in render(PLAIN)
