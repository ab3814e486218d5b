"""Clusters as a contract test sees them: the target, others who write there too, and the cable to pull."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Protocol

from flotilla_agent.engine.target import SYNCED, Target
from flotilla_agent.targets.kubernetes import KubernetesTarget
from flotilla_agent.targets.memory import MemoryTarget
from flotilla_agent.targets.memory_settings import MemorySettings
from flotilla_common.objects import Obj, Ref, encode, meta_of, ref_of
from tests.kube.cluster import KubeCluster
from tests.swarm.member_api.requests import Answer, Request
from tests.swarm.member_api.server import MemberApi
from tests.works import namespace

__all__ = ["Real", "Simulated", "Stub", "World", "first_pass", "take"]


class World(Protocol):
    """What both kinds can do."""

    target: Target
    namespace: str

    async def put(self, obj: Obj) -> None:
        """Somebody else writes these fields."""

    async def remove(self, ref: Ref) -> None: ...

    async def cut(self) -> None: ...

    async def heal(self) -> None: ...


class Simulated:
    """The memory target and its back doors."""

    def __init__(self) -> None:
        self.target = self._cluster = MemoryTarget(MemorySettings(settle=0))
        self.namespace = "test"
        self._cluster.put(namespace(self.namespace))

    async def put(self, obj: Obj) -> None:
        live = self._cluster.find(ref_of(obj)) or {}
        self._cluster.put({**live, **obj, "metadata": {**meta_of(live), **obj["metadata"]}})

    async def remove(self, ref: Ref) -> None:
        self._cluster.remove(ref)

    async def cut(self) -> None:
        self._cluster.reachable = False

    async def heal(self) -> None:
        self._cluster.reachable = True


class Real:
    """A kube-apiserver, and kubectl for the others."""

    def __init__(self, cluster: KubeCluster, target: KubernetesTarget, name: str) -> None:
        self.target = target
        self.namespace = name
        self._cluster = cluster

    async def put(self, obj: Obj) -> None:
        arguments = ("apply", "--server-side", "--force-conflicts", "--field-manager=hand", "-f", "-")
        await self._cluster.kubectl(*arguments, stdin=json.dumps(obj))

    async def remove(self, ref: Ref) -> None:
        await self._cluster.kubectl("delete", ref.gvk.kind, ref.name, f"--namespace={ref.namespace}", "--wait=false")

    async def cut(self) -> None:
        await self._cluster.kill_apiserver()

    async def heal(self) -> None:
        await self._cluster.start_apiserver()


class Stub:
    """A stub API server, and requests from nowhere for the others."""

    def __init__(self, api: MemberApi, target: KubernetesTarget) -> None:
        self.target = target
        self.namespace = "test"
        self._api = api

    async def put(self, obj: Obj) -> None:
        ref = ref_of(obj)
        root = f"/apis/{ref.gvk.api_version}" if ref.gvk.group else f"/api/{ref.gvk.version}"
        path = f"{root}/namespaces/{ref.namespace}/{ref.gvk.kind.lower()}s/{ref.name}"
        query = {"fieldManager": "hand", "force": "true"}
        headers = {"content-type": "application/apply-patch+yaml"}
        self._ask(Request("PATCH", path, query, headers, encode(obj)))

    async def remove(self, ref: Ref) -> None:
        self._ask(Request("DELETE", f"/api/v1/namespaces/{ref.namespace}/{ref.gvk.kind.lower()}s/{ref.name}"))

    async def cut(self) -> None:
        await self._api.close()

    async def heal(self) -> None:
        await self._api.open()

    def _ask(self, request: Request) -> None:
        answer = self._api.cluster(0).answer(request)
        assert isinstance(answer, Answer) and answer.code < 300, answer


async def take(events: AsyncIterator[Any], wanted: int) -> list[Any]:
    """The next events, without SYNCED."""
    found: list[Any] = []
    async with asyncio.timeout(20):
        while len(found) < wanted:
            if (event := await anext(events)) is not SYNCED:
                found.append(event)
    return found


async def first_pass(events: AsyncIterator[Any]) -> list[Any]:
    """All events before SYNCED."""
    found: list[Any] = []
    async with asyncio.timeout(20):
        while (event := await anext(events)) is not SYNCED:
            found.append(event)
    return found
