"""All stub clusters behind one port: cluster n lives under /c/<n>, and is made when it is first spoken to."""

import asyncio
import base64
import ssl
from collections.abc import Callable
from pathlib import Path

import yaml

from .cluster import Cluster
from .http import Connection, Stream
from .requests import Answer, Request

__all__ = ["MemberApi", "kubeconfig"]

_PREFIX = "/c/"
_NOWHERE = Answer(404, b'{"kind":"Status","status":"Failure","code":404,"message":"clusters are at /c/<n>"}')


class MemberApi:
    """`await open()`, then `close()`. `clusters` are those there are so far, by number."""

    def __init__(self, count: int, make: Callable[[], Cluster] = Cluster, *, tls: ssl.SSLContext | None = None) -> None:
        self.clusters: dict[int, Cluster] = {}
        self.port = 0
        self._count = count
        self._make = make
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()

    async def open(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0: any, or the one that was had before."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self._answer, self._connections),
            "127.0.0.1",
            port or self.port,
            ssl=self._tls,
            backlog=4096,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Nobody is there any more; what the clusters hold stays, for `open`."""
        if self._server is not None:
            self._server.close()
            for connection in tuple(self._connections):
                connection.cut()
            await self._server.wait_closed()
            self._server = None

    def cluster(self, number: int) -> Cluster:
        if number not in self.clusters:
            self.clusters[number] = self._make()
        return self.clusters[number]

    def url(self, number: int) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}{_PREFIX}{number}"

    def _answer(self, request: Request) -> Answer | Stream:
        number, _, rest = request.path.removeprefix(_PREFIX).partition("/")
        if not (request.path.startswith(_PREFIX) and number.isdecimal() and int(number) < self._count):
            return _NOWHERE
        return self.cluster(int(number)).answer(request._replace(path=f"/{rest}"))


def kubeconfig(path: Path, url: str, authority: bytes = b"") -> None:
    """Written to `path`: how any client gets in. Any token will do; some clients want to have one."""
    trust = {"certificate-authority-data": base64.b64encode(authority).decode()} if authority else {}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "stub",
        "clusters": [{"name": "stub", "cluster": {"server": url, **trust}}],
        "users": [{"name": "stub", "user": {"token": "stub"}}],
        "contexts": [{"name": "stub", "context": {"cluster": "stub", "user": "stub"}}],
    }
    path.write_text(yaml.safe_dump(config))
