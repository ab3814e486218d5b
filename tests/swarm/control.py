"""How a swarm is asked, from another process, what it did: one JSON line over a Unix socket, one line back.

{"ask": "counts"}  numbers over all agents
{"ask": "take"}    every write since the last take: [cluster, what, at], by CLOCK_MONOTONIC
{"ask": "links"}   [cluster, connected at, bytes sent, bytes received] of each connection that is up
"""

import asyncio
from pathlib import Path
from typing import Any

import orjson

from .crowd import Crowd

__all__ = ["answering"]


async def answering(crowd: Crowd, socket: Path) -> None:
    """Until cancelled."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(orjson.dumps(_answer(crowd, orjson.loads(line)["ask"])) + b"\n")
                await writer.drain()
        finally:
            writer.close()

    async with await asyncio.start_unix_server(serve, socket) as server:
        await server.serve_forever()


def _answer(crowd: Crowd, ask: str) -> Any:
    if ask == "take":
        taken, crowd.applied = crowd.applied, []
        return [tuple(row) for row in taken]
    if ask == "links":
        return [(a.cluster, a.connected_at, *a.wire()) for a in crowd.agents.values() if a.connected]
    agents = crowd.agents.values()
    return {
        "up": crowd.up.is_set(),
        "agents": len(agents),
        "connected": sum(a.connected for a in agents),
        "held": sum(a.journal.held for a in agents),
        "writes": crowd.writes,
        "reports": sum(a.reports for a in agents),
        "resyncs": sum(a.resyncs for a in agents),
    }
