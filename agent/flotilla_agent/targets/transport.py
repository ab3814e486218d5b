"""Requests to one Kubernetes API server: JSON in, JSON or our errors out. Knows HTTP and nothing of what is asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import aiohttp
import orjson

from flotilla_common.errors import FlotillaError, Unavailable
from flotilla_common.objects import Obj

from ..settings import KubernetesSettings
from .credentials import Credentials
from .status_errors import error_of

__all__ = ["Transport"]

Params = Mapping[str, str | int]
_JSON = "application/json"
_ACCEPT = {"Accept": _JSON}
_CONNECT_TIMEOUT = 10.0
_RELOAD_EVERY = 30.0
_LITTLE = 64 * 1024
"""Bytes at once below which a stream is no flood: a server that cannot get rid of its events ends the watch."""


class Transport:
    """Credentials are loaded anew when the server no longer accepts them, as after a rotation."""

    def __init__(self, load: Callable[[], Awaitable[Credentials]], settings: KubernetesSettings) -> None:
        self._load = load
        self._settings = settings
        self._credentials: Credentials | None = None
        self._loaded_at = 0.0

    async def open(self) -> None:
        """Raises Terminal when the credentials cannot be read."""
        self._credentials = await self._load()
        self._loaded_at = asyncio.get_running_loop().time()

    async def close(self) -> None:
        credentials, self._credentials = self._credentials, None
        if credentials is not None:
            await credentials.close()

    async def call(
        self,
        method: str,
        path: str,
        params: Params | None = None,
        *,
        body: Obj | bytes | None = None,
        content_type: str = _JSON,
        accept: str = _JSON,
        what: str,
    ) -> Any:
        """The decoded answer. `what` is to be done, and what the error says could not be. Raises one of our errors."""
        limits = aiohttp.ClientTimeout(total=self._settings.request_timeout, sock_connect=_CONNECT_TIMEOUT)
        headers = {"Accept": accept, "Content-Type": content_type}
        async with self._send(method, _target(path, params), headers, limits, what, body) as response:
            if response.status >= 400:
                raise await self._refusal(response, what)
            try:
                return orjson.loads(await response.read())
            except ValueError as err:
                raise Unavailable(f"cannot {what}: the answer is no JSON; is there a proxy in between?") from err

    async def probe(self, path: str) -> int:
        """Status code of a health endpoint. Raises Unavailable when nobody answers."""
        limits = aiohttp.ClientTimeout(total=self._settings.probe_timeout)
        async with self._send("GET", path, _ACCEPT, limits, f"probe {path}") as response:
            await response.read()
            return response.status

    @asynccontextmanager
    async def stream(
        self, path: str, params: Params, *, silence: float, what: str, breath: float = 0.0
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Lines of an answer without end. `silence`: seconds without a byte after which nobody is there any more.
        `breath`: seconds to wait before the next look at what has come, as long as that was little.
        """
        limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT, sock_read=silence)
        async with self._send("GET", _target(path, params), _ACCEPT, limits, what) as response:
            if response.status >= 400:
                raise await self._refusal(response, what)
            yield _lines(response, breath)

    @asynccontextmanager
    async def _send(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        limits: aiohttp.ClientTimeout,
        what: str,
        body: Obj | bytes | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        credentials = self._credentials
        if credentials is None:
            raise Unavailable(f"cannot {what}: the connection is closed")
        try:
            all_headers = {**headers, **await credentials.headers()}
            answer = await credentials.rest.request(
                method, credentials.host + target, headers=all_headers, body=body, _request_timeout=limits
            )
            async with answer.response as response:
                yield response
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            reason = str(err) or type(err).__name__
            raise Unavailable(f"cannot {what}: no answer from {credentials.host}: {reason}") from err

    async def _refusal(self, response: aiohttp.ClientResponse, what: str) -> FlotillaError:
        if response.status == 401:
            await self._reload()
        return error_of(response.status, await response.read(), what)

    async def _reload(self) -> None:
        """Whoever gets this answer fails; the next call has fresh credentials, unless these are fresh already."""
        now = asyncio.get_running_loop().time()
        if now - self._loaded_at < _RELOAD_EVERY:
            return
        self._loaded_at = now
        fresh = await self._load()
        old, self._credentials = self._credentials, fresh
        if old is not None:
            await old.close()


def _target(path: str, params: Params | None) -> str:
    return f"{path}?{urlencode(params)}" if params else path


async def _lines(response: aiohttp.ClientResponse, breath: float) -> AsyncIterator[bytes]:
    """Like `readline`, without its limit on the length of a line: an object may be larger."""
    rest: list[bytes] = []
    async for chunk in response.content.iter_any():
        first, *more = chunk.split(b"\n")
        rest.append(first)
        for part in more:
            yield b"".join(rest)
            rest = [part]
        if breath and len(chunk) < _LITTLE:
            await _hold(response, breath)


async def _hold(response: aiohttp.ClientResponse, seconds: float) -> None:
    """Leave what comes meanwhile to the kernel: to be woken costs several times what reading an event does."""
    transport = response.connection.transport if response.connection else None
    if transport is None:
        return
    transport.pause_reading()
    try:
        await asyncio.sleep(seconds)
    finally:
        transport.resume_reading()
