"""The processes of the demo: a hub with its NATS and its Push agent, and the agent of a Pull cluster behind a relay."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from flotilla_common.errors import FlotillaError, Terminal
from flotilla_common.runtime.supervise import Child, Supervised

from ..client import Access, Client, connect, kubeconfig
from .relay import Relay

__all__ = ["Stage", "stage"]

HEARTBEAT_S, GRACE_S = 1.0, 3.0
"""A tenth of the defaults, so that a cut cable shows while one watches."""

START_TIMEOUT_S = 60.0
COMMAND_TIMEOUT_S = 30.0
_PROGRAM = (sys.executable, "-m", "flotilla_common.main")


class Stage:
    """A running hub. `home` holds everything; `relay` is what the Pull agent reaches NATS through."""

    def __init__(self, home: Path, hub: Client, relay: Relay, stack: AsyncExitStack) -> None:
        self.home = home
        self.hub = hub
        self.relay = relay
        self._stack = stack

    @property
    def kubeconfig(self) -> Path:
        return self.home / "hub" / "kubeconfig"

    async def run(self, *words: str) -> str:
        """One `flotilla` command, as a user would type it, on this hub: its standard output.

        Raises Terminal with what it said when it fails.
        """
        process = await asyncio.create_subprocess_exec(
            *_PROGRAM,
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**_environment(), "FLOTILLA_KUBECONFIG": str(self.kubeconfig)},
        )
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                out, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise Terminal(f"`flotilla {words[0]} {words[1]} …` failed: {err.decode().strip()}")
        return out.decode().strip()

    async def start_agent(self, folder: Path) -> None:
        """The agent of a simulated Pull cluster, from what `flotilla register` left in `folder`."""
        argv = [
            *_PROGRAM,
            "agent",
            "run",
            "--config",
            str(folder),
            "--target",
            "memory",
            "--heartbeat",
            str(HEARTBEAT_S),
        ]
        child = Child("agent", argv, self.home / "agent.log", _environment())
        await self._stack.enter_async_context(Supervised(child))


@asynccontextmanager
async def stage(home: Path) -> AsyncIterator[Stage]:
    """Everything in `home`; on leaving, every process has ended. Raises Terminal when the hub does not come up."""
    async with AsyncExitStack() as stack:
        nats_port = _free_port()
        relay = await stack.enter_async_context(Relay(nats_port))
        child = Child("hub", _hub_argv(home, nats_port, relay), home / "hub.log", _environment())
        await stack.enter_async_context(Supervised(child))
        client = await _answering_hub(home, stack)
        yield Stage(home, client, relay, stack)


def _hub_argv(home: Path, nats_port: int, relay: Relay) -> list[str]:
    settings = {
        "data-dir": home / "hub",
        "listen": f"127.0.0.1:{_free_port()}",
        "nats-listen": f"127.0.0.1:{nats_port}",
        # Only agents that register are told this address; the hub and its own agent have no relay between them.
        "nats-advertise": f"nats://127.0.0.1:{relay.port}",
        "remote-heartbeat": HEARTBEAT_S,
        "grace": GRACE_S,
    }
    return [*_PROGRAM, "hub", "serve", *(f"--{name}={value}" for name, value in settings.items())]


def _environment() -> dict[str, str]:
    """Ours without what is set for another hub or agent of this user."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FLOTILLA_")}


async def _answering_hub(home: Path, stack: AsyncExitStack) -> Client:
    path, last = home / "hub" / "kubeconfig", "it has not written its kubeconfig"
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            while True:
                try:
                    client = await stack.enter_async_context(connect(Access.of(kubeconfig.read(path))))
                    await client.call("GET", "/readyz")
                    return client
                except FlotillaError as err:
                    last = str(err)
                    await asyncio.sleep(0.05)
    except TimeoutError as err:
        raise Terminal(
            f"the hub did not answer within {START_TIMEOUT_S:g} s: {last}\n{_tail(home / 'hub.log')}"
        ) from err


def _tail(log: Path, lines: int = 5) -> str:
    try:
        return "\n".join(log.read_text().splitlines()[-lines:])
    except OSError:
        return ""


def _free_port() -> int:
    """A port nobody uses now. Another program could take it before we do; the hub then says so."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
