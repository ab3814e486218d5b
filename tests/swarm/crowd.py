"""All agents of one process: their clusters registered, their credentials made, their connections opened at a pace."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from flotilla_agent.settings import LinkSettings
from flotilla_agent.targets.memory import MemoryTarget
from flotilla_agent.targets.memory_settings import MemorySettings
from flotilla_common.bus import BusSettings
from flotilla_common.errors import Conflict
from flotilla_common.objects import Obj
from flotilla_common.subjects import AGENT_API, inbox
from flotilla_hub.broker import credentials, keys
from flotilla_hub.client import Access, connect
from flotilla_hub.client.kubeconfig import read

from .agent import Agent
from .engine import Applied, StubCluster

__all__ = ["Crowd", "Plan", "cluster_names"]

_AT_ONCE = 32
"""Registrations, and first connections, in progress together."""


@dataclass(frozen=True)
class Plan:
    """What was asked for on the command line; times in seconds."""

    hub: Path
    """The hub's data directory: its kubeconfig, its NATS keys and port."""
    count: int
    first: int = 0
    prefix: str = "swarm-"
    heartbeat: float = 10.0
    delay: float = 0.0
    join: bool = True


def cluster_names(plan: Plan) -> list[str]:
    return [f"{plan.prefix}{n:05d}" for n in range(plan.first, plan.first + plan.count)]


class Crowd:
    """`run`, and look at it meanwhile."""

    def __init__(self, plan: Plan, home: Path) -> None:
        """`home`: an empty directory for the credentials files."""
        self._plan = plan
        self._home = home
        self._keys = keys.load(plan.hub / "nats" / "keys")
        self.agents: dict[str, Agent] = {}
        self.applied: list[Applied] = []
        """Every write since this was last emptied."""
        self.writes = 0
        self.up = asyncio.Event()
        """All have been connected once."""

    async def run(self) -> None:
        names = cluster_names(self._plan)
        if self._plan.join:
            await self._join(names)
        target = StubCluster(await _usual_status())
        self.agents = {name: Agent(name, target, self._log, self._plan.delay) for name in names}
        gate = asyncio.Semaphore(_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for agent in self.agents.values():
                await gate.acquire()
                settings = self._settings(agent.cluster)
                link = LinkSettings(heartbeat=self._plan.heartbeat)
                group.create_task(agent.run(settings, link, gate.release), name=agent.cluster)
            for _ in range(_AT_ONCE):
                await gate.acquire()
            self.up.set()

    def _log(self, applied: Applied) -> None:
        self.writes += 1
        self.applied.append(applied)

    async def _join(self, names: Iterable[str]) -> None:
        left = iter(names)
        async with connect(Access.of(read(self._plan.hub / "kubeconfig"))) as client:

            async def register() -> None:
                for name in left:
                    with suppress(Conflict):  # it is there already
                        await client.create(_cluster(name))

            async with asyncio.TaskGroup() as group:
                for _ in range(_AT_ONCE):
                    group.create_task(register())

    def _settings(self, cluster: str) -> BusSettings:
        file = self._home / f"{cluster}.creds"
        file.write_text(credentials.agent(self._keys, cluster, now=int(time.time())))
        url = f"nats://127.0.0.1:{(self._plan.hub / 'nats' / 'port').read_text().strip()}"
        return BusSettings(url, str(file), inbox=inbox(cluster), api=AGENT_API)


def _cluster(name: str) -> Obj:
    return {
        "apiVersion": "cluster.karmada.io/v1alpha1",
        "kind": "Cluster",
        "metadata": {"name": name},
        "spec": {"syncMode": "Pull"},
    }


async def _usual_status() -> Obj:
    """What a simulated cluster with nothing in it says of itself."""
    target = MemoryTarget(MemorySettings())
    try:
        return (await target.facts()).status
    finally:
        await target.close()
