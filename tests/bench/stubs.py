"""Real agent processes under a benchmark, with stub member clusters behind them that cost next to nothing."""

import sys
from contextlib import AsyncExitStack
from pathlib import Path

from flotilla_hub.client import Access, Client
from flotilla_hub.client import connect as connect_client
from flotilla_hub.client.kubeconfig import read
from tests.fleet import Process, until

from .yard import Yard

__all__ = ["Stubs"]


class Stubs:
    """One process with `count` stub clusters; the clusters are called <name>-0 and on."""

    def __init__(self, made: Yard, name: str, count: int, *, nodes: int = 0, pods: int = 0) -> None:
        self._made = made
        self._name = name
        self._count = count
        self._home = made.directory / name
        self._agents: list[Process] = []
        words = ("--clusters", str(count), "--nodes", str(nodes), "--pods", str(pods), "--kubeconfigs", str(self._home))
        argv = (sys.executable, "-m", "tests.swarm.member_api", *words)
        self._api = Process(argv, made.directory / f"{name}.log", {"PYTHONPATH": str(Path(__file__).parents[2])})

    async def start(self) -> None:
        await self._api.start()

        async def is_up() -> bool:
            return self.kubeconfig(self._count - 1).exists()

        await until(f"{self._count} stub clusters answer", is_up)

    async def stop(self) -> None:
        for agent in self._agents:
            await agent.stop()
        await self._api.stop()

    def kubeconfig(self, number: int) -> Path:
        return self._home / f"{number}.kubeconfig"

    def cluster(self, number: int) -> str:
        return f"{self._name}-{number}"

    async def join(self, number: int) -> Process:
        """The agent of one of the clusters: registered, running."""
        cluster = self.cluster(number)
        home = await self._made.register(cluster, kubeconfig=str(self.kubeconfig(number)))
        agent = self._made.process(cluster, "agent", "run", "--config", str(home))
        await agent.start()
        self._agents.append(agent)
        return agent

    async def member(self, number: int, stack: AsyncExitStack) -> Client:
        """A client of the cluster itself."""
        return await stack.enter_async_context(connect_client(Access.of(read(self.kubeconfig(number)))))
