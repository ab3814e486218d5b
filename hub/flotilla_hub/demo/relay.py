"""A TCP relay that stands for the network between an agent and NATS: it can be cut and healed."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

__all__ = ["Relay"]

HOST = "127.0.0.1"
_CHUNK = 64 * 1024


class Relay:
    """`async with Relay(target) as relay`: connections to `relay.port` reach port `target` of this machine."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._is_cut = False

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await self._server.wait_closed()
        # The server starts a task per connection and forgets it; they end by themselves after the cut.
        if self._serving:
            await asyncio.wait(self._serving)

    def cut(self) -> None:
        """Drop every connection, and each new one at once."""
        self._is_cut = True
        for writer in self._open:
            writer.transport.abort()

    def heal(self) -> None:
        self._is_cut = False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        try:
            if self._is_cut:
                raise OSError("the cable is cut")
            there, back = await asyncio.open_connection(HOST, self.target)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, back}
        self._open |= both
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pipe(reader, back), name="relay-out")
                group.create_task(_pipe(there, writer), name="relay-in")
        finally:
            self._open -= both


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until either side ends; an abort ends both directions."""
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # the other side, or `cut`, reset the connection: that is an end as well
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
