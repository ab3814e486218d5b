"""Where scenarios are played: a hub with its agent for Push clusters, and two real members under any names.

A scenario names its own clusters. Each name is joined for one of the two members, and unjoined when the next scenario
needs others, so that thirteen names cost two API servers.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import yaml

from flotilla_common.conditions import find
from flotilla_common.errors import FlotillaError
from flotilla_common.objects import Obj
from tests.fleet import FLOTILLA, Fleet, fleet, until
from tests.kube.cluster import KubeCluster
from tests.kube.world import held

__all__ = ["SCENARIOS", "Theatre", "deployment", "theatre"]

HERE = Path(__file__).parent
SCENARIOS = HERE / "scenarios"
DEFINITIONS = HERE.parents[1] / "deploy" / "examples" / "flux-helm" / "crds.yaml"
"""Of Flux's kinds, minimal and our own."""


def deployment(name: str, image: str = "app:1") -> Obj:
    """What the policy of a scenario that brings no workload selects."""
    labels = {"app": name}
    pods = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": image}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": pods}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


class Theatre:
    def __init__(self, running: Fleet, one: KubeCluster, two: KubeCluster) -> None:
        self.fleet = running
        self.one, self.two = one, two
        self._cast: dict[str, KubeCluster] = {}

    async def cast(self, first: str = "", second: str = "", *, pull: str = "") -> None:
        """These names are joined, for the first and the second member, and no others. `pull`: has its own agent."""
        wanted = {name: member for name, member in ((first, self.one), (second, self.two)) if name}
        await asyncio.gather(*(self._unjoin(name) for name in self._cast.keys() - wanted.keys()))
        joining = {name: wanted[name] for name in wanted.keys() - self._cast.keys()}
        await asyncio.gather(*(self._join(name, member, pull) for name, member in joining.items()))
        self._cast = wanted
        await self.fleet.settled(*wanted)

    async def hub(self, *args: str, stdin: str = "") -> str:
        """kubectl against the hub."""
        return await self.one.kubectl(*args, stdin=stdin, kubeconfig=self.fleet.kubeconfig)

    async def give(self, *objects: Obj) -> None:
        await self.hub("apply", "-f", "-", stdin=yaml.safe_dump_all(objects))

    async def flotilla(self, *args: str) -> tuple[int, str]:
        """Exit code and standard output."""
        command = (*FLOTILLA, *args, "--kubeconfig", str(self.fleet.kubeconfig))
        process = await asyncio.create_subprocess_exec(*command, stdout=-1, stderr=-1)
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode() + err.decode()

    async def play(self, scenario: str, *args: str) -> None:
        """Apply its manifests as they are."""
        await self.hub("apply", "-f", str(SCENARIOS / scenario), *args)

    async def strike(self, scenario: str, *args: str) -> None:
        """Delete them, and see them go."""
        await self.hub("delete", "-f", str(SCENARIOS / scenario), "--ignore-not-found", *args)

    async def arrives(self, kind: str, name: str, *where: str, namespace: str = "default") -> dict[str, Obj]:
        """The object in exactly these of the clusters that are joined."""

        async def found() -> dict[str, Obj] | None:
            there = {n: await held(member, kind, name, namespace) for n, member in self._cast.items()}
            present = {n: obj for n, obj in there.items() if obj}
            return present if set(present) == set(where) else None

        answer: dict[str, Obj] = await until(f"{kind} {name} is in {where} and nowhere else", found)
        return answer

    async def leaves(self, kind: str, name: str, namespace: str = "default") -> None:
        async def gone() -> bool:
            return not any([await held(member, kind, name, namespace) for member in self._cast.values()])

        await until(f"{kind} {name} is in no cluster", gone)

    async def get(self, kind: str, name: str, namespace: str = "default") -> Obj:
        found: Obj = json.loads(await self.hub("get", kind, name, "-n", namespace, "-o", "json"))
        return found

    async def says(self, binding: str, type_: str, reason: str) -> str:
        """The message of the binding's condition, once it has that reason."""

        async def said() -> str:
            status = (await self.get("rb", binding)).get("status", {})
            condition = find(status.get("conditions"), type_)
            if condition is None or condition["reason"] != reason:
                raise FlotillaError(f"it says {status}")
            return str(condition["message"])

        message: str = await until(f"{binding} says {type_} {reason}", said)
        return message

    async def runs(self, member: KubeCluster, name: str) -> None:
        """All replicas of a Deployment are available there: what its controllers would say."""
        live = await held(member, "deployment", name)
        assert live is not None
        count = live["spec"]["replicas"]
        counters = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), count)
        status = {"status": {**counters, "observedGeneration": live["metadata"]["generation"]}}
        await member.kubectl(
            "patch", "deployment", name, "--subresource=status", "--type=merge", "-p", json.dumps(status)
        )

    async def _join(self, name: str, member: KubeCluster, pull: str) -> None:
        if name == pull:
            await self.fleet.join_pull(name, target="kubernetes", kubeconfig=member.kubeconfig)
        else:
            code, said = await self.flotilla("join", name, "--cluster-kubeconfig", str(member.kubeconfig))
            assert code == 0, said

    async def _unjoin(self, name: str) -> None:
        code, said = await self.flotilla("unjoin", name)
        assert code == 0, said
        if member := self.fleet.members.pop(name, None):
            assert member.agent is not None
            await member.agent.stop()


@asynccontextmanager
async def theatre(directory: Path) -> AsyncIterator[Theatre]:
    async with AsyncExitStack() as stack:
        one, two = KubeCluster("one"), KubeCluster("two")
        for member in (one, two):
            await stack.enter_async_context(member)
        running = await stack.enter_async_context(fleet(directory, remote=True))
        stage = Theatre(running, one, two)
        await asyncio.gather(*(member.kubectl("apply", "-f", str(DEFINITIONS)) for member in (one, two)))
        await stage.hub("apply", "-f", str(DEFINITIONS))
        yield stage
