"""The hub's HTTPS port: its address, its certificate, the admin's token and kubeconfig, and the server behind it."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import uvicorn

from flotilla_common import private_files
from flotilla_common.errors import Terminal

from .addresses import address, parse_address
from .api import tls

__all__ = ["Listener", "listening"]


@dataclass(frozen=True)
class Listener:
    """A bound socket and what clients need to trust and reach it."""

    socket: socket.socket
    url: str
    ca_pem: str
    certificate: Path
    key: Path
    admin_token: str
    kubeconfig: Path

    @classmethod
    def prepare(cls, data: Path, listen: str, advertise: str) -> Self:
        """Bind, and write what is missing into `data`. A port of 0 is chosen once and kept.

        Raises BadSetting when `listen` is no address, Terminal when it is taken.
        """
        host, port = parse_address(listen, "--listen")
        bound = _bind(host, port or _remembered(data / "port"))
        actual = bound.getsockname()[1]
        (data / "port").write_text(str(actual))
        name = advertise or ("127.0.0.1" if host in ("0.0.0.0", "::") else host)
        hosts = sorted({name, host, "localhost", "127.0.0.1"})
        files = tls.ensure_certificates(data / "tls", hosts, datetime.now(UTC))
        authority = files.authority.read_bytes()
        token = _token(data / "admin.token")
        url = f"https://{address(name, actual)}"
        kubeconfig = data / "kubeconfig"
        private_files.write(kubeconfig, tls.kubeconfig(url, authority, token))
        return cls(bound, url, authority.decode(), files.certificate, files.key, token, kubeconfig)


@asynccontextmanager
async def listening(app: Any, listener: Listener) -> AsyncIterator[None]:
    """Serve `app` while the body runs."""
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=120,
        timeout_graceful_shutdown=2,
        ssl_certfile=str(listener.certificate),
        ssl_keyfile=str(listener.key),
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener.socket]), name="api")
    try:
        while not server.started:
            if task.done():
                await task
                raise Terminal("the API server ended before it had begun; its log says why")
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await asyncio.wait([task])


class _Server(uvicorn.Server):
    """Signals are the hub's own business: it stops its children in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


def _bind(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as err:
        bound.close()
        raise Terminal(f"cannot listen on {host}:{port}: {err.strerror}; choose another with --listen") from err
    return bound


def _remembered(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


def _token(path: Path) -> str:
    if not path.exists():
        private_files.write(path, secrets.token_urlsafe(32))
    return path.read_text().strip()
