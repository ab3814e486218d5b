"""Real agent processes under a benchmark, with stub member clusters behind them that cost next to nothing."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from flotilla_hub.client import Access, Client
from flotilla_hub.client import connect as connect_client
from flotilla_hub.client.kubeconfig import read
from tests.fleet import Process, until

from .load import DEPLOYMENTS
from .yard import Yard

__all__ = ["Stubs"]

_PATH = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))
"""So that the process finds this package, too."""


class Stubs:
    """`count` stub clusters in one process, called <name>-0 and on; `join` those that are to have an agent."""

    def __init__(self, made: Yard, name: str, count: int, *, nodes: int = 0, pods: int = 0) -> None:
        self.agents: dict[str, Process] = {}
        """Of the clusters that have joined, in that order."""
        self.members: dict[str, Client] = {}
        """The same clusters, past the hub and the agent."""
        self._made = made
        self._name = name
        self._count = count
        self._home = made.directory / name
        self._clients = AsyncExitStack()
        words = ("--clusters", str(count), "--nodes", str(nodes), "--pods", str(pods), "--kubeconfigs", str(self._home))
        argv = (sys.executable, "-m", "tests.swarm.member_api", *words)
        self._api = Process(argv, made.directory / f"{name}.log", {"PYTHONPATH": _PATH})

    async def __aenter__(self) -> Self:
        await self._api.start()

        async def is_up() -> bool:
            return self._kubeconfig(self._count - 1).exists()

        await until(f"{self._count} stub clusters answer", is_up)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._clients.aclose()
        for agent in self.agents.values():
            await agent.stop()
        await self._api.stop()

    async def join(self, count: int = 1) -> list[str]:
        """The next so many clusters: registered, their agents running, Ready on the hub. Returns their names."""
        names = [await self._start(number) for number in range(len(self.agents), len(self.agents) + count)]
        await self._made.settled(*names)
        return names

    async def hold(self, count: int) -> None:
        """Return when every cluster that has joined has so many Deployments."""
        for name, member in self.members.items():

            async def are_there(member: Client = member) -> bool:
                await asyncio.sleep(0.2)  # the list of a thousand is work, too
                return len((await member.call("GET", DEPLOYMENTS))["items"]) == count

            await until(f"{count} Deployments are in {name}", are_there)

    async def _start(self, number: int) -> str:
        name, kubeconfig = f"{self._name}-{number}", self._kubeconfig(number)
        home = await self._made.register(name, kubeconfig=str(kubeconfig))
        agent = self._made.process(name, "agent", "run", "--config", str(home))
        await agent.start()
        self.agents[name] = agent
        self.members[name] = await self._clients.enter_async_context(connect_client(Access.of(read(kubeconfig))))
        return name

    def _kubeconfig(self, number: int) -> Path:
        return self._home / f"{number}.kubeconfig"
