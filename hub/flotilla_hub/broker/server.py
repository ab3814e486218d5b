"""The embedded nats-server: started on a data directory of its own, kept running, stopped with the hub.

The port is chosen once and kept, so that agents find the server again after any restart.
"""

import asyncio
import fcntl
import json
import os
import random
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flotilla_common import private_files
from flotilla_common.errors import Terminal
from flotilla_common.runtime.supervise import Child, Supervised

from ..addresses import address
from . import binary, credentials, jwt, orphan
from .config import MAX_PAYLOAD, SYNC, ServerConfig, Tls, render
from .keys import Keys, load, public

__all__ = ["Broker", "BrokerSettings", "embedded"]

# Below what the kernel hands to outgoing connections, so that the port is still free after a restart.
_PORTS = range(20000, 32000)
_POLL_S = 0.01
_ENVIRONMENT = {"GOGC": "50"}
"""Unless ours says otherwise. The server then collects its garbage when the heap has grown by half, not doubled: at
rest most of its heap is what the last burst left behind."""
_HOPELESS_STARTS = 4
"""A server that ended so often before it once answered will not come up by itself."""


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """How to run the embedded server."""

    data: Path
    """Directory of its streams, keys, configuration and log; made when missing. Back it up whole."""
    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 lets agents in from elsewhere."""
    port: int = 0
    """0: a free one, the same at each start."""
    program: Path | None = None
    """The nats-server to run; by default the one on PATH, else the wheel's."""
    tls: Tls | None = None
    websocket_port: int | None = None
    max_payload: int = MAX_PAYLOAD
    sync: str = SYNC
    start_timeout: float = 60.0
    """Seconds until it must answer; after a crash it first scans its streams."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A running server: where it is, and how to get in."""

    url: str
    """For clients on this machine."""
    port: int
    credentials: Path
    """The hub's own credentials file."""
    keys: Keys
    process: Supervised


@asynccontextmanager
async def embedded(settings: BrokerSettings) -> AsyncIterator[Broker]:
    """A server that answers; it is restarted whenever it ends, and stopped on leaving.

    Raises Terminal when it cannot run, or another hub uses the data directory.
    """
    data = settings.data.absolute()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _sole_owner(data / "lock"):
        await orphan.stop(data / "nats.pid", data / "nats.conf")
        keys = load(data / "keys")
        port = settings.port or _remembered_port(data / "port", settings.host)
        _refuse_taken(settings.host, port)
        config = _config(settings, data, keys, port)
        private_files.write(data / "nats.conf", render(config))
        private_files.write(data / "hub.creds", credentials.hub(keys, now=int(time.time())))
        program = binary.find(settings.program)
        argv = [str(program), "-c", str(data / "nats.conf")]
        # Nothing works while it is down, so it is never left down for long.
        environment = {**_ENVIRONMENT, **os.environ}
        child = Child("nats-server", argv, data / "nats.out", environment, first_delay=0.05, max_delay=2.0)
        async with Supervised(child) as process:
            await _until_answering(config, process, settings.start_timeout, data)
            yield Broker(f"nats://{address(_reachable(settings.host), port)}", port, data / "hub.creds", keys, process)


@contextmanager
def _sole_owner(path: Path) -> Iterator[None]:
    """The kernel drops the lock with the process that holds it, however that ends."""
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise Terminal(
                f"another hub uses {path.parent}; stop it, or give this one a data directory of its own"
            ) from err
        yield


def _config(settings: BrokerSettings, data: Path, keys: Keys, port: int) -> ServerConfig:
    now = int(time.time())
    system = public(keys.system)
    return ServerConfig(
        # Also how we tell our server from another that answers on the port.
        name=f"flotilla-{public(keys.operator)[-12:].lower()}",
        host=settings.host,
        port=port,
        store=data / "streams",
        pid_file=data / "nats.pid",
        log_file=data / "nats.log",
        operator=jwt.operator(keys.operator, name="flotilla", system_account=system, now=now),
        system_account=system,
        accounts=credentials.accounts(keys, now=now),
        tls=settings.tls,
        websocket_port=settings.websocket_port,
        max_payload=settings.max_payload,
        sync=settings.sync,
    )


def _remembered_port(path: Path, host: str) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        port = _free_port(host)
    private_files.write(path, f"{port}\n")
    return port


def _free_port(host: str) -> int:
    for port in random.sample(_PORTS, k=100):
        try:
            _try_to_bind(host, port)
        except OSError:
            continue
        return port
    raise Terminal(f"no free port for nats-server on {host} in 100 tries; name one with --nats-listen")


def _refuse_taken(host: str, port: int) -> None:
    """nats-server would be restarted again and again instead, and say why only in its log."""
    try:
        _try_to_bind(host, port)
    except OSError as err:
        raise Terminal(
            f"NATS cannot listen on {address(host, port)}: {err.strerror}; choose another with --nats-listen, "
            "or use a server that runs already with --nats"
        ) from err


def _try_to_bind(host: str, port: int) -> None:
    """Raises OSError when it cannot be done."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


async def _until_answering(config: ServerConfig, process: Supervised, timeout: float, data: Path) -> None:
    try:
        async with asyncio.timeout(timeout):
            while not await _answers(config):
                if process.starts >= _HOPELESS_STARTS:
                    raise Terminal(f"nats-server ends again and again. It said last:\n{_said(data)}")
                await asyncio.sleep(_POLL_S)
    except TimeoutError as err:
        raise Terminal(f"nats-server did not answer within {timeout:g} s. It said last:\n{_said(data)}") from err


async def _answers(config: ServerConfig) -> bool:
    """Whether our server greets on the port; it does so only once its streams are recovered.

    Raises Terminal when another one does.
    """
    try:
        reader, writer = await asyncio.open_connection(_reachable(config.host), config.port)
    except OSError:
        return False
    try:
        async with asyncio.timeout(2.0):
            greeting = await reader.readline()
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
    if not greeting.startswith(b"INFO "):
        return False
    name = json.loads(greeting[5:]).get("server_name")
    if name != config.name:
        raise Terminal(f"port {config.port} belongs to another NATS server, {name!r}; configure a port for ours")
    return True


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _said(data: Path) -> str:
    files = [path for name in ("nats.log", "nats.out") if (path := data / name).exists()]
    return "\n".join("\n".join(path.read_text(errors="replace").splitlines()[-10:]) for path in files)
