"""A hub and two real members: `member1` joined by the command line (Push), `member2` with an agent of its own (Pull).

The fixture of that name is in conftest.py.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from flotilla_common.objects import Obj
from tests.fleet import FLOTILLA, Fleet, fleet, until
from tests.kube.cluster import ClusterFailed, KubeCluster

__all__ = ["World", "held", "in_both", "in_neither", "world_in"]


@dataclass(frozen=True)
class World:
    fleet: Fleet
    member1: KubeCluster
    member2: KubeCluster

    async def hub(self, *args: str, stdin: str = "") -> str:
        """kubectl against the hub."""
        return await self.member1.kubectl(*args, stdin=stdin, kubeconfig=self.fleet.kubeconfig)

    async def flotilla(self, *args: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *FLOTILLA, *args, "--kubeconfig", str(self.fleet.kubeconfig), stdout=-1, stderr=-1
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()


@asynccontextmanager
async def world_in(directory: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        # Namespaces go away and workloads get observed only where controllers run; one such member is enough.
        member1 = await stack.enter_async_context(KubeCluster("member1"))
        member2 = await stack.enter_async_context(KubeCluster("member2", controllers=True))
        running = await stack.enter_async_context(fleet(directory, remote=True))
        world = World(running, member1, member2)
        await world.flotilla("join", "member1", "--cluster-kubeconfig", str(member1.kubeconfig))
        await running.join_pull("member2", target="kubernetes", kubeconfig=member2.kubeconfig)
        await running.settled("member1", "member2")
        yield world


async def held(cluster: KubeCluster, kind: str, name: str, namespace: str = "default") -> Obj | None:
    """The object in a member, None when it is not there."""
    try:
        found: Obj = json.loads(await cluster.kubectl("get", kind, name, "-n", namespace, "-o", "json"))
    except ClusterFailed as err:
        assert "NotFound" in str(err) or "not found" in str(err), err
        return None
    return found


async def in_both(world: World, kind: str, name: str) -> dict[str, Obj]:
    async def arrived() -> dict[str, Obj] | None:
        found = {c.name: await held(c, kind, name) for c in (world.member1, world.member2)}
        return {k: v for k, v in found.items() if v} if all(found.values()) else None

    both: dict[str, Obj] = await until(f"{kind} {name} is in both members", arrived)
    return both


async def in_neither(world: World, kind: str, name: str) -> None:
    async def gone() -> bool:
        return not any([await held(c, kind, name) for c in (world.member1, world.member2)])

    await until(f"{kind} {name} is in no member", gone)
