"""The two member clusters under a benchmark, simulated or real: observed from outside, and written to directly.

Nobody asks an agent. A simulated cluster reports its changes itself (`observed.py`), stamped when they were stored; a
real one is watched by this process, which stamps what comes in.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from flotilla_common.objects import Obj, meta_of, name_of
from flotilla_hub.client import Client

from .arrivals import Arrivals, Arrived, now
from .load import DEPLOYMENTS, NAMESPACE

__all__ = ["Member", "Ready", "RealMember", "Simulated", "SimulatedMembers", "follow", "ready_of", "status_of"]

_APPLY = "application/apply-patch+yaml"


@dataclass(frozen=True)
class Ready:
    """A status that was seen: so many replicas of this Deployment are ready."""

    where: str
    name: str
    count: int


class Member(Protocol):
    """One cluster. Its changes go into the Arrivals it was made with: Arrived, and Ready, under its name."""

    name: str

    async def write(self, manifest: Obj) -> None:
        """Straight into the cluster, past everything of ours."""
        ...

    async def set_ready(self, name: str, count: int) -> None:
        """As the cluster's controllers would report it."""
        ...


class RealMember:
    """An API server; writes are server-side applies, as the agent's are."""

    def __init__(self, name: str, client: Client) -> None:
        self.name = name
        self._client = client

    async def watch(self, arrivals: Arrivals) -> None:
        """One watch on all Deployments, for ever."""
        await follow(self._client, "deployments", lambda obj: _note(arrivals, self.name, obj))

    async def write(self, manifest: Obj) -> None:
        path, params = f"{DEPLOYMENTS}/{name_of(manifest)}", {"fieldManager": "bench", "force": "true"}
        await self._client.call("PATCH", path, manifest, params=params, content_type=_APPLY)

    async def post(self, manifest: Obj) -> None:
        await self._client.call("POST", DEPLOYMENTS, manifest)

    async def set_ready(self, name: str, count: int) -> None:
        patch = {"status": status_of(count, 1)}
        path, content_type = f"{DEPLOYMENTS}/{name}/status", "application/merge-patch+json"
        await self._client.call("PATCH", path, patch, content_type=content_type)


class Simulated(asyncio.Protocol):
    """One simulated cluster, reached through its agent's process; known once it has said its name."""

    def __init__(self, members: "SimulatedMembers") -> None:
        self.name = ""
        self._members = members
        self._transport: Any = None
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\n")
        for line in whole:
            self._take(orjson.loads(line))

    async def write(self, manifest: Obj) -> None:
        self._say({"put": manifest})

    async def set_ready(self, name: str, count: int) -> None:
        self._say({"of": [NAMESPACE, name], "status": status_of(count, 1)})

    def _say(self, message: Obj) -> None:
        self._transport.write(orjson.dumps(message) + b"\n")

    def _take(self, message: Obj) -> None:
        if "member" in message:
            self.name = message["member"]
            self._members.joined(self)
            return
        arrivals, name, at = self._members.arrivals, message["name"], message["at"]
        arrivals.events[self.name, name] += 1
        arrivals.note(Arrived(self.name, name, message["image"]), at)
        arrivals.note(Ready(self.name, name, message["ready"]), at)


class SimulatedMembers:
    """Where simulated clusters report to: hand `accept` to a Unix server. One that comes back takes its old place."""

    def __init__(self, arrivals: Arrivals) -> None:
        self.arrivals = arrivals
        self.members: dict[str, Simulated] = {}

    def accept(self) -> Simulated:
        return Simulated(self)

    def joined(self, member: Simulated) -> None:
        self.members[member.name] = member


async def follow(client: Client, resource: str, note: Callable[[Obj], None]) -> None:
    """`note` every object of a kind in the namespace: those there are, then each change, for ever."""
    (served,) = await client.find(resource)
    listed = await client.list(served, NAMESPACE)
    for item in listed["items"]:
        note(item)
    revision = str(meta_of(listed)["resourceVersion"])
    while True:
        async for _, obj in client.watch(served, NAMESPACE, revision):
            note(obj)
            revision = str(meta_of(obj)["resourceVersion"])


def ready_of(obj: Obj) -> int:
    return int((obj.get("status") or {}).get("readyReplicas") or 0)


def _note(arrivals: Arrivals, member: str, obj: Obj) -> None:
    at, name = now(), name_of(obj)
    arrivals.events[member, name] += 1
    arrivals.note(Arrived(member, name, obj["spec"]["template"]["spec"]["containers"][0]["image"]), at)
    arrivals.note(Ready(member, name, ready_of(obj)), at)


def status_of(count: int, generation: int) -> Obj:
    """A Deployment's, with all its replicas ready."""
    counters = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    return {**dict.fromkeys(counters, count), "observedGeneration": generation}
