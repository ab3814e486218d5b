"""A whole Flotilla in processes of its own: a hub with its NATS, agents with simulated or real clusters, a client.

Everything is the installed command, as a user runs it; tests may kill any process and start it again. What a member
holds, and how often it was written, is read from the file its simulated cluster is kept in.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from flotilla_common.errors import FlotillaError
from flotilla_common.objects import Obj
from flotilla_hub.broker import credentials, keys
from flotilla_hub.client import Access, Client, connect
from flotilla_hub.client.kubeconfig import read

__all__ = ["Fleet", "Member", "fleet", "until"]

FLOTILLA = (sys.executable, "-m", "flotilla_common.main")
PATIENCE = 60.0
"""Seconds until a condition must hold. Generous: it bounds a failure, not a success."""


async def until(what: str, check: Callable[[], Awaitable[Any]], *, patience: float = PATIENCE) -> Any:
    """Return the first true answer of `check`; fail after `patience`, naming `what` and the last answer."""
    last: Any = None
    try:
        async with asyncio.timeout(patience):
            while True:
                try:
                    last = await check()
                except (FlotillaError, OSError, sqlite3.OperationalError) as err:
                    last = err
                else:
                    if last:
                        return last
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"not within {patience:g} s: {what}; last seen: {last!r}") from None


class Process:
    """One command with its output in a file; killed at the end whatever happens."""

    def __init__(self, argv: tuple[str, ...], log: Path, env: Mapping[str, str] | None = None) -> None:
        self._argv, self._log, self._env = argv, log, env
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    async def start(self) -> None:
        with self._log.open("ab") as log:
            env = {**os.environ, **(self._env or {})}
            self._process = await asyncio.create_subprocess_exec(*self._argv, stdout=log, stderr=log, env=env)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(how)
        try:
            async with asyncio.timeout(15):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def kill(self) -> None:
        """As a crash would: no chance to tidy up."""
        await self.stop(signal.SIGKILL)


class Member:
    """One cluster and, for a Pull one, its agent."""

    def __init__(self, name: str, state: Path, agent: Process | None) -> None:
        self.name = name
        self.state = state
        self.agent = agent

    def objects(self, kind: str = "") -> dict[str, Obj]:
        """`kind namespace/name` → the object, of a simulated cluster; those its agent applied."""
        query = "SELECT kind, namespace, name, body FROM objects WHERE applied != '{}'"
        return {
            f"{k} {ns}/{name}": json.loads(body) for k, ns, name, body in self._rows(query) if not kind or k == kind
        }

    def writes(self) -> dict[str, int]:
        """`kind namespace/name` → how often the agent changed it, over all lives of the agent."""
        query = "SELECT kind, namespace, name, count FROM writes"
        return {f"{k} {ns}/{name}": count for k, ns, name, count in self._rows(query)}

    def _rows(self, query: str) -> list[Any]:
        with sqlite3.connect(f"file:{self.state}?mode=ro", uri=True) as db:
            rows = db.execute(query).fetchall()
        db.close()
        return rows


class Fleet:
    """Use `fleet`."""

    def __init__(self, directory: Path, *, remote: bool, flags: tuple[str, ...] = ()) -> None:
        self.directory = directory
        self.data = directory / "hub"
        self.members: dict[str, Member] = {}
        argv = ("hub", "serve", "--data-dir", str(self.data), "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0")
        quick = ("--grace", "3", "--remote-heartbeat", "0.5", "--log-level", "DEBUG")
        self.hub = Process(
            (*FLOTILLA, *argv, *quick, *flags, "--remote" if remote else "--no-remote"), directory / "hub.log"
        )
        self._clients = AsyncExitStack()
        self.client: Client

    async def start(self) -> None:
        await self.hub.start()
        await until("the hub wrote its kubeconfig", self._has_kubeconfig)
        access = Access.of(read(self.data / "kubeconfig"))
        self.client = await self._clients.enter_async_context(connect(access))
        await self.ready()

    async def stop(self) -> None:
        await self._clients.aclose()
        for member in self.members.values():
            if member.agent is not None:
                await member.agent.stop()
        await self.hub.stop()

    async def ready(self) -> None:
        """The API answers."""

        async def answers() -> bool:
            return bool(await self.client.call("GET", "/readyz"))

        await until(f"the hub answers; its log ends: {self.log()[-2000:]}", answers)

    @property
    def kubeconfig(self) -> Path:
        return self.data / "kubeconfig"

    @property
    def nats_pid(self) -> int:
        text = (self.data / "nats" / "nats.pid").read_text()
        if not text.strip():
            raise FileNotFoundError("the server has opened its pid file and not written it yet")
        return int(text)

    def kill_nats(self) -> None:
        os.kill(self.nats_pid, signal.SIGKILL)

    def log(self) -> str:
        path = self.directory / "hub.log"
        return path.read_text() if path.exists() else ""

    async def join_pull(self, name: str, *, target: str = "memory", kubeconfig: Path | None = None) -> Member:
        """Register a Pull cluster and start its agent."""
        settings = {"target": target, "heartbeat": 0.5, "logLevel": "DEBUG"}
        home = await self.register(name, **settings, **({"kubeconfig": str(kubeconfig)} if kubeconfig else {}))
        agent = Process((*FLOTILLA, "agent", "run", "--config", str(home)), self.directory / f"{name}.log")
        await agent.start()
        member = self.members[name] = Member(name, home / "cluster.db", agent)
        return member

    async def register(self, name: str, **settings: Any) -> Path:
        """A Pull cluster, there on the hub; returns the directory `flotilla register` would leave its agent."""
        home = self.directory / name
        home.mkdir()
        creds = home / "agent.creds"
        pair = keys.load(self.data / "nats" / "keys")
        creds.write_text(credentials.agent(pair, name, now=int(time.time())))
        hub = {"natsUrls": self.nats_url(), "credentials": str(creds)}
        (home / "agent.yaml").write_text(yaml.safe_dump({"cluster": name, **hub, **settings}))
        await self.create_cluster(name, {"syncMode": "Pull"})
        return home

    def nats_url(self) -> str:
        return f"nats://127.0.0.1:{(self.data / 'nats' / 'port').read_text().strip()}"

    async def join_push(self, name: str) -> Member:
        """Register a simulated cluster that the hub's own agent serves."""
        await self.create_cluster(name, {"syncMode": "Push", "apiEndpoint": f"memory://{name}"})
        member = self.members[name] = Member(name, self.data / "remote" / f"{name}.cluster.db", None)
        return member

    async def create_cluster(self, name: str, spec: Obj) -> None:
        manifest = {"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster", "metadata": {"name": name}}
        await self.client.apply({**manifest, "spec": spec})

    async def get(self, kind: str, name: str, namespace: str = "default") -> Obj:
        (served,) = await self.client.find(kind)
        return await self.client.get(served, name, namespace if served.namespaced else "")

    async def condition(self, kind: str, name: str, type_: str, namespace: str = "default") -> str:
        """The status of a condition, empty when there is none."""
        status = (await self.get(kind, name, namespace)).get("status") or {}
        return next((c["status"] for c in status.get("conditions") or () if c["type"] == type_), "")

    async def settled(self, *names: str) -> None:
        """These clusters are Ready on the hub."""
        for name in names:

            async def is_ready(name: str = name) -> bool:
                return await self.condition("clusters", name, "Ready") == "True"

            await until(f"cluster {name} is ready", is_ready)

    async def _has_kubeconfig(self) -> bool:
        return self.kubeconfig.exists()


@asynccontextmanager
async def fleet(directory: Path, *flags: str, remote: bool = False) -> AsyncIterator[Fleet]:
    """A hub that answers; `remote`: with the agent for Push clusters. On failure its log is in the test's directory."""
    running = Fleet(directory, remote=remote, flags=flags)
    try:
        await running.start()
        yield running
    finally:
        await running.stop()
