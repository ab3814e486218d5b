"""A simulated cluster that tells a benchmark of every change in it, and lets it write there: inside its agent.

The agent knows nothing of it: each change is reported by the cluster, as a watch of a real one would, with the time at
which it was stored. Lines of JSON over a Unix socket; `members.py` is the other end.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import orjson

from flotilla_agent import targets
from flotilla_agent.engine.inventory import Identity
from flotilla_agent.engine.target import Target
from flotilla_agent.targets.memory import MemoryTarget
from flotilla_agent.targets.memory_settings import MemorySettings
from flotilla_common.objects import GVK, Obj, Ref

from .arrivals import now

__all__ = ["observe"]

DEPLOYMENT = GVK("apps", "v1", "Deployment")


class _Line(asyncio.Protocol):
    """The cluster's end of the socket: takes {"put": manifest} and {"status": …, "of": [namespace, name]}."""

    def __init__(self) -> None:
        self.cluster: MemoryTarget | None = None
        self._transport: Any = None
        self._rest = b""
        self._saying: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\n")
        for line in whole:
            self._obey(orjson.loads(line))

    def say(self, message: Obj) -> None:
        """Sent with whatever else this turn of the loop has to say: a call of the kernel each would load the agent."""
        if not self._saying:
            asyncio.get_running_loop().call_soon(self._send)
        self._saying.append(orjson.dumps(message))

    def _send(self) -> None:
        self._transport.write(b"".join(line + b"\n" for line in self._saying))
        self._saying.clear()

    def close(self) -> None:
        self._transport.close()

    def _obey(self, order: Obj) -> None:
        assert self.cluster is not None
        if "put" in order:
            self.cluster.put(order["put"])
            return
        namespace, name = order["of"]
        live = self.cluster.find(Ref(DEPLOYMENT, namespace, name))
        if live is not None:
            self.cluster.put({**live, "status": order["status"]})


class ObservedTarget(MemoryTarget):
    """Every change of a Deployment goes down the line."""

    def __init__(self, settings: MemorySettings, line: _Line) -> None:
        super().__init__(settings)
        self._line = line
        line.cluster = self
        self._store.subscribe(self._tell)

    async def close(self) -> None:
        await super().close()
        self._line.close()

    def _tell(self, key: Identity, obj: Obj | None) -> None:
        if obj is None or key.kind != DEPLOYMENT.kind:
            return
        image = obj["spec"]["template"]["spec"]["containers"][0]["image"]
        ready = (obj.get("status") or {}).get("readyReplicas", 0)
        self._line.say({"name": key.name, "image": image, "ready": ready, "at": now()})


def observe(socket: str) -> None:
    """From here on every simulated cluster this process opens is an observed one."""

    async def opened(url: str) -> Target:
        _, line = await asyncio.get_running_loop().create_unix_connection(_Line, socket)
        line.say({"member": urlsplit(url).netloc})
        return ObservedTarget(MemorySettings.parse(url), line)

    targets._TARGETS["memory"] = opened
