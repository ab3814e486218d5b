"""A hub with a swarm under a benchmark: stub clusters joined, Works sent to them, the hub's costs read off /proc."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from flotilla_common.bus import Bus, connect
from flotilla_common.objects import Obj
from flotilla_common.subjects import WORKS, stream_call
from tests.fleet import until
from tests.manifests import policy
from tests.swarm.handle import Swarm

from .bed import IDLE, Bed
from .load import deployment, in_crowd
from .options import Options
from .proc import cpu_seconds, memory
from .progress import progress

__all__ = ["Yard", "everywhere_in", "yard"]


class Yard(Bed):
    """Use `yard`."""

    def __init__(self, directory: Path, options: Options, flags: tuple[str, ...] = ()) -> None:
        self.beats = directory / "beats"
        """Where the hub's process writes down how old heartbeats were."""
        super().__init__(directory, options, is_real=False, flags=flags)
        self.swarms: list[Swarm] = []

    def instruments(self, name: str) -> list[str]:
        # The others would import the hub for it, and be measured with it.
        return ["--beats", str(self.beats)] if name == "hub" else []

    async def open(self, stack: AsyncExitStack) -> None:
        """A hub alone."""
        stack.push_async_callback(self.stop)
        await self.start()
        self.bus = await stack.enter_async_context(connect(self._bus_settings(), name="bench"))

    async def stop(self) -> None:
        for swarm in self.swarms:
            await swarm.stop()
        await super().stop()

    async def join_swarm(self, count: int, *, processes: int = 1, patience: float = 180.0, idle: float = IDLE) -> Swarm:
        """So many clusters more: registered, connected, Ready on the hub, and the hub at rest."""
        first = sum(swarm.count for swarm in self.swarms)
        swarm = Swarm(self.data, self.directory, count, first=first, processes=processes)
        self.swarms.append(swarm)
        await swarm.start(patience=patience)
        await self.all_ready(first + count, patience=patience)
        await self.quiet(patience=patience, idle=idle)
        return swarm

    async def all_ready(self, count: int, *, patience: float) -> None:
        async def are_ready() -> bool:
            await asyncio.sleep(0.5)  # a list of thousands of clusters is work for the hub, too
            return sum(map(_is_ready, await self.clusters_listed())) >= count

        await until(f"{count} clusters are ready", are_ready, patience=patience)

    async def clusters_listed(self) -> list[Obj]:
        (served,) = await self.client.find("clusters.cluster.karmada.io")
        return list((await self.client.list(served))["items"])

    async def settle(self, swarm: Swarm, names: Sequence[str], *, works: int, patience: float = 300.0) -> None:
        """Create these Deployments; return when `swarm` has made `works` writes for them and the hub is at rest."""
        before = (await swarm.counts())["writes"]
        with progress("settle Works", works) as reached:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.create_all(names))
                group.create_task(swarm.written(before + works, patience=patience, note=lambda n: reached(n - before)))
        await self.quiet(patience=patience)

    async def create_all(self, names: Iterable[str]) -> None:
        await in_crowd(self.client.create, map(deployment, names))

    async def consumers(self) -> int:
        """Consumers on the stream of Works: none, while nobody catches up."""
        info = await self.bus.request(stream_call("INFO", WORKS))
        return int(info["state"]["consumer_count"])

    def pids(self) -> dict[str, int]:
        swarms = [pid for swarm in self.swarms for pid in swarm.pids()]
        return {"hub": self.hub.pid, "nats": self.nats_pid, **{f"swarm {n}": pid for n, pid in enumerate(swarms)}}

    def hub_cpu(self) -> dict[str, float]:
        """CPU seconds of hub and NATS since each was started."""
        return {"hub": cpu_seconds(self.hub.pid), "nats": cpu_seconds(self.nats_pid)}

    def swarm_cpu(self) -> float:
        return sum(cpu_seconds(pid) for swarm in self.swarms for pid in swarm.pids())

    async def sequences_by(self, bus: Bus) -> dict[str, int]:
        """The last sequence of each stream, asked for over a connection to another run of the same NATS."""
        mine, self.bus = self.bus, bus
        try:
            return await self.sequences()
        finally:
            self.bus = mine

    def held(self) -> Mapping[str, float]:
        """PSS in MiB of hub and NATS."""
        return {name: memory(pid).pss for name, pid in (("hub", self.hub.pid), ("nats", self.nats_pid))}


def everywhere_in(count: int | None = None, **spec: Any) -> Obj:
    """A policy for Deployments, to the first `count` clusters of the swarm, or to all there are."""
    names = [f"swarm-{n:05d}" for n in range(count or 0)]
    if not names:
        spec["placement"] = {}
    return policy("everywhere", *names, **spec)


@asynccontextmanager
async def yard(options: Options, *flags: str) -> AsyncIterator[Yard]:
    """Up on entry, gone with all its files on exit. `flags`: of the hub."""
    with tempfile.TemporaryDirectory(prefix="flotilla-bench-", ignore_cleanup_errors=True) as directory:
        async with AsyncExitStack() as stack:
            made = Yard(Path(directory), options, flags)
            await made.open(stack)
            yield made


def _is_ready(cluster: Obj) -> bool:
    conditions = (cluster.get("status") or {}).get("conditions") or ()
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
