"""Real agent processes under a benchmark, with stub member clusters behind them that cost next to nothing, over TLS."""

import asyncio
import base64
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from flotilla_hub.cli.token import ensure_namespace
from flotilla_hub.client import Access, Client
from flotilla_hub.client import connect as connect_client
from flotilla_hub.client.kubeconfig import read
from flotilla_hub.names import CREDENTIALS_NAMESPACE
from tests.fleet import Process, until

from .load import DEPLOYMENTS
from .yard import Yard

__all__ = ["Stubs"]

_PATH = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))
"""So that the process finds this package, too."""


class Stubs:
    """`count` stub clusters in one process, called <name>-0 and on; `join` those that are to have an agent."""

    def __init__(self, made: Yard, name: str, count: int, *, nodes: int = 0, pods: int = 0, changes: int = 0) -> None:
        self.agents: dict[str, Process] = {}
        """Of the clusters that have joined with one."""
        self.members: dict[str, Client] = {}
        """Every cluster that is on the hub, past it and the agent."""
        self._made = made
        self._name = name
        self._count = count
        self._home = made.directory / name
        self._clients = AsyncExitStack()
        self._tls = made.directory / f"{name}-tls"
        numbers = {"--clusters": count, "--nodes": nodes, "--pods": pods, "--changes": changes}
        words = (
            *(str(word) for pair in numbers.items() for word in pair),
            "--kubeconfigs",
            str(self._home),
            "--tls",
            str(self._tls),
        )
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
        names = [await self._start(number) for number in range(len(self.members), len(self.members) + count)]
        await self._made.settled(*names)
        return names

    async def push(self, count: int) -> list[str]:
        """The next so many clusters, as Push ones: registered, Ready on the hub, if its agent of Push clusters runs."""
        hub, numbers = self._made.client, range(len(self.members), len(self.members) + count)
        await ensure_namespace(hub, CREDENTIALS_NAMESPACE)
        for number in numbers:
            name, access = self._cluster(number), await self._connect(number)
            secret = {"namespace": CREDENTIALS_NAMESPACE, "name": name}
            entry = {"token": b"stub", "caBundle": (self._tls / "ca.crt").read_bytes()}
            data = {key: base64.b64encode(value).decode() for key, value in entry.items()}
            await hub.create({"apiVersion": "v1", "kind": "Secret", "metadata": secret, "data": data})
            spec = {"syncMode": "Push", "apiEndpoint": access.server, "secretRef": secret}
            await self._made.create_cluster(name, spec)
        names = list(map(self._cluster, numbers))
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
        name = self._cluster(number)
        home = await self._made.register(name, kubeconfig=str(self._kubeconfig(number)))
        agent = self._made.process(name, "agent", "run", "--config", str(home))
        await agent.start()
        self.agents[name] = agent
        await self._connect(number)
        return name

    async def _connect(self, number: int) -> Access:
        access = Access.of(read(self._kubeconfig(number)))
        self.members[self._cluster(number)] = await self._clients.enter_async_context(connect_client(access))
        return access

    def _cluster(self, number: int) -> str:
        return f"{self._name}-{number}"

    def _kubeconfig(self, number: int) -> Path:
        return self._home / f"{number}.kubeconfig"
