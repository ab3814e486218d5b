"""The demo from end to end, as a user starts it; and that it leaves nothing behind."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from flotilla_hub.demo.relay import Relay


@asynccontextmanager
async def demo(home: Path, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "flotilla_common.main", "demo", *words),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(home)},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def left_behind(home: Path) -> list[str]:
    """Processes whose command line names the demo's folder."""
    lines = [
        path.read_bytes().replace(b"\0", b" ").decode()
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if path.exists()
    ]
    return [line for line in lines if str(home) in line and "demo" in line]


async def test_everything_converges(tmp_path: Path) -> None:
    async with asyncio.timeout(120), demo(tmp_path, "--once") as process:
        out, _ = await process.communicate()
    told = out.decode().splitlines()
    assert process.returncode == 0, out.decode()
    assert [line[0] for line in told if line.startswith(("►", "✔", "✗"))] == ["►", "✔"] * 8
    assert told[-1] == "Everything converged."
    assert (left_behind(tmp_path), list(tmp_path.iterdir())) == ([], [])


STOPS = [
    pytest.param("► a hub starts".encode(), signal.SIGINT, 130, id="while-the-hub-starts"),
    pytest.param("► a hub starts".encode(), signal.SIGHUP, 130, id="when-its-terminal-is-closed"),
    pytest.param("✔ three clusters".encode(), signal.SIGTERM, 130, id="in-the-middle"),
]


@pytest.mark.parametrize(("after", "number", "code"), STOPS)
async def test_stopping_it_leaves_nothing_behind(
    tmp_path: Path, after: bytes, number: signal.Signals, code: int
) -> None:
    async with asyncio.timeout(60), demo(tmp_path) as process:
        assert process.stdout is not None
        while not (await process.stdout.readline()).startswith(after):
            pass
        process.send_signal(number)
        await process.stdout.read()
        assert await process.wait() == code
    assert (left_behind(tmp_path), list(tmp_path.iterdir())) == ([], [])


async def test_a_relay_can_be_cut_and_healed() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()
        await writer.wait_closed()

    async def says(word: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        try:
            writer.write(word)
            return await reader.read(100)
        except ConnectionError:
            return b""
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, Relay(server.sockets[0].getsockname()[1]) as relay:
        assert await says(b"one") == b"one"
        relay.cut()
        assert await says(b"two") == b""
        relay.heal()
        assert await says(b"three") == b"three"
