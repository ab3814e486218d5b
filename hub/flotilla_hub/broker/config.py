"""The nats-server configuration file: rendered as text from plain values. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..addresses import address

__all__ = ["MAX_PAYLOAD", "SYNC", "ServerConfig", "Tls", "render"]

MAX_PAYLOAD = 4 * 1024 * 1024
"""Bytes of one message. NATS's default, 1 MiB, is less than a Secret with a large Helm release takes; its advice is to
stay below 8 MiB, since a large message stalls everything behind it. The API takes objects of at most 3 MiB."""

SYNC = "always"
"""When writes are forced to the disk: `always` before each acknowledgement, or every so often ("10s").

With `always` what we acknowledged survives a power cut, otherwise only a crash of the server. Each write then takes a
sync of the disk more: 0.2 ms where we measured; a disk that takes 5 ms for it allows 200 writes a second to a stream.
"""


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files of the server's certificate and key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """What differs from one server to another."""

    name: str
    host: str
    port: int
    store: Path
    """Directory of the streams."""
    pid_file: Path
    log_file: Path
    operator: str = ""
    """The operator's token; without one the server asks nobody who they are."""
    system_account: str = ""
    """Public key."""
    accounts: Mapping[str, str] = field(default_factory=dict)
    """Tokens by public key."""
    tls: Tls | None = None
    websocket_port: int | None = None
    """For agents that get out through HTTP proxies and balancers only. Without `tls` it is plain."""
    max_payload: int = MAX_PAYLOAD
    max_connections: int = 65536
    sync: str = SYNC


def render(config: ServerConfig) -> str:
    """The file's text. Keys are never in it: the server verifies with public ones."""
    lines = [
        f"server_name: {_text(config.name)}",
        f"listen: {_text(address(config.host, config.port))}",
        f"pid_file: {_text(config.pid_file)}",
        f"log_file: {_text(config.log_file)}",
        # Bytes; a fleet that is refused in a loop must not fill the disk the streams are on.
        "logfile_size_limit: 10485760",
        "logfile_max_num: 3",
        f"max_payload: {config.max_payload}",
        f"max_connections: {config.max_connections}",
        f"jetstream {{ store_dir: {_text(config.store)}, sync_interval: {config.sync} }}",
        # On a wanted stop, let clients reconnect elsewhere or later in a spread of seconds instead of all at once.
        "lame_duck_grace_period: 1s",
        'lame_duck_duration: "30s"',
        # Two missed answers at 20 s: a dead peer is gone in under a minute, not in four.
        'ping_interval: "20s"',
        # A reader that cannot keep up is cut off before it holds up the server; it then catches up.
        'write_deadline: "10s"',
        *_tls(config.tls),
        *_websocket(config),
        *_operator(config),
    ]
    return "\n".join(lines) + "\n"


def _tls(tls: Tls | None) -> list[str]:
    return [] if tls is None else [f"tls {_certificate(tls)}"]


def _websocket(config: ServerConfig) -> list[str]:
    if config.websocket_port is None:
        return []
    tls = "no_tls: true" if config.tls is None else f"tls {_certificate(config.tls)}"
    return [f"websocket {{ listen: {_text(address(config.host, config.websocket_port))}, {tls} }}"]


def _operator(config: ServerConfig) -> list[str]:
    if not config.operator:
        return []
    accounts = [f"  {key}: {token}" for key, token in config.accounts.items()]
    return [
        f"operator: {config.operator}",
        f"system_account: {config.system_account}",
        "resolver: MEMORY",
        "resolver_preload {",
        *accounts,
        "}",
    ]


def _certificate(tls: Tls) -> str:
    return f"{{ cert_file: {_text(tls.certificate)}, key_file: {_text(tls.key)} }}"


def _text(value: object) -> str:
    """Quoted as JSON, which nats-server reads, so that no character of a path means anything else."""
    return json.dumps(str(value))
