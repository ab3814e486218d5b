"""Swarm processes as a benchmark holds them: started, waited for, asked, and stopped. `control.py` is the other end."""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from tests.fleet import Process, until

from .engine import Applied

__all__ = ["Link", "Swarm"]

_PATH = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))
"""So that the processes find this package, and the rest where the benchmark found it."""
_LINE = 64 * 1024 * 1024
"""Bytes of an answer at most: a million writes."""
Link = tuple[str, float, int, int]
"""A cluster, when its connection came up, bytes sent and bytes received on it since."""


class Swarm:
    """`count` agents in as many processes as asked for; the answers of all of them are put together."""

    def __init__(self, hub: Path, directory: Path, count: int, *, first: int = 0, processes: int = 1) -> None:
        self.count = count
        self._sockets = [directory / f"swarm-{first}-{n}.sock" for n in range(processes)]
        self._processes: list[Process] = []
        share, rest = divmod(count, processes)
        for n, socket in enumerate(self._sockets):
            size = share + (n < rest)
            words = ["--hub", str(hub), "--count", str(size), "--first", str(first), "--control", str(socket)]
            argv = (sys.executable, "-m", "tests.swarm", *words)
            env = {"PYTHONPATH": _PATH}
            self._processes.append(Process(argv, directory / f"{socket.stem}.log", env))
            first += size

    async def start(self, *, patience: float = 120.0) -> None:
        """Return when all are connected."""
        for process in self._processes:
            await process.start()

        async def are_up() -> bool:
            return bool((await self.counts())["up"])

        await until(f"{self.count} agents of the swarm are connected", are_up, patience=patience)

    async def stop(self) -> None:
        for process in self._processes:
            await process.stop()

    def pids(self) -> Sequence[int]:
        return [process.pid for process in self._processes]

    async def counts(self) -> dict[str, int]:
        """up (1 when all processes are), agents, connected, held, writes, reports, resyncs."""
        answers = await self._ask("counts")
        return {key: (min if key == "up" else sum)(a[key] for a in answers) for key in answers[0]}

    async def take(self) -> list[Applied]:
        """Every write since the last take."""
        return [Applied(*row) for answer in await self._ask("take") for row in answer]

    async def links(self) -> list[Link]:
        return [tuple(row) for answer in await self._ask("links") for row in answer]

    async def written(self, total: int, *, patience: float = 60.0, note: Callable[[int], None] | None = None) -> None:
        """Return when so many writes have been made since the start; `note` is told how many there are."""

        async def is_done() -> bool:
            writes = (await self.counts())["writes"]
            if note:
                note(writes)
            return writes >= total

        await until(f"the swarm has made {total} writes", is_done, patience=patience)

    async def _ask(self, what: str) -> list[Any]:
        return await asyncio.gather(*(_ask(socket, what) for socket in self._sockets))


async def _ask(socket: Path, what: str) -> Any:
    reader, writer = await asyncio.open_unix_connection(socket, limit=_LINE)
    try:
        writer.write(orjson.dumps({"ask": what}) + b"\n")
        return orjson.loads(await reader.readline())
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
