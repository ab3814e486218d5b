"""A whole hub in the test's own loop, with its NATS, and the `flotilla` command run against it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from flotilla_common.main import main
from flotilla_hub.app import Running, hub
from flotilla_hub.settings import HubSettings

__all__ = ["Command", "Said", "running_hub"]


class Said(NamedTuple):
    """What a command left: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str


class Command:
    """`await flotilla("get", "clusters")`, as a user of this hub would type it."""

    def __init__(self, running: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.hub = running
        self._capsys = capsys
        monkeypatch.setenv("FLOTILLA_KUBECONFIG", str(running.kubeconfig))

    async def __call__(self, *words: str) -> Said:
        self._capsys.readouterr()
        # In a thread: the command has a loop of its own, and the hub goes on in ours.
        code = await asyncio.to_thread(main, words)
        return Said(code, *self._capsys.readouterr())


@asynccontextmanager
async def running_hub(home: Path, host: str = "127.0.0.1") -> AsyncIterator[Running]:
    """On free ports, without the agent of Push clusters."""
    settings = HubSettings(str(home / "hub"), f"{host}:0", nats_listen="127.0.0.1:0", remote=False)
    async with hub(settings) as running:
        yield running
