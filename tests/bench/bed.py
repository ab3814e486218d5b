"""A whole Flotilla under a benchmark: hub, NATS, a Pull and a Push member, the processes' CPU and memory, the streams.

Everything is the installed command with its defaults. The agent of Push clusters is started here and not by the hub, so
that its simulated cluster can be observed; its arguments are those the hub gives it.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from flotilla_common.bus import Bus, BusSettings, connect
from flotilla_common.objects import Obj
from flotilla_common.subjects import DERIVED, OBJECTS, STATUS, WORKS, stream_call
from flotilla_hub.broker import credentials, keys
from flotilla_hub.client import Access
from flotilla_hub.client import connect as connect_client
from flotilla_hub.client.kubeconfig import read
from tests.fleet import FLOTILLA, Fleet, Process, until
from tests.kube.cluster import KubeCluster

from . import proc
from .arrivals import Arrivals, now
from .background import going_on
from .load import everywhere
from .members import Member, RealMember, SimulatedMembers, follow
from .options import Options
from .system import System

__all__ = ["IDLE", "PULL", "PUSH", "Bed", "bed"]

_PATH = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))
"""So that the processes find this package, too."""
PULL, PUSH = "pull", "push"
STREAMS = {"objects": OBJECTS, "derived": DERIVED, "works": WORKS, "status": STATUS}
SERVERS = ("kube-apiserver", "etcd")
WINDOW, IDLE = 1.0, 0.1
"""A hub that used less than this share of a core for so many seconds is done."""


class Bed(Fleet):
    """Use `bed`."""

    def __init__(self, directory: Path, options: Options, *, is_real: bool, flags: tuple[str, ...] = ()) -> None:
        """`flags`: the hub's, beside those it needs."""
        super().__init__(directory, remote=False)
        self.options = options
        self.is_real = is_real
        self.arrivals = Arrivals()
        self.clusters: dict[str, Member] = {}
        """Both members by name, once they are up."""
        words = ("--data-dir", str(self.data), *_FREE_PORTS, "--no-remote", *flags)
        self.hub = self.process("hub", "hub", "serve", *words)
        self.agents: dict[str, Process] = {}
        self.bus: Bus
        self.system: System
        self._kubeconfigs: dict[str, Path] = {}
        self._simulated = SimulatedMembers(self.arrivals)

    def process(self, name: str, *words: str) -> Process:
        """A flotilla command of this bed."""
        options = self.instruments(name)
        if self.options.profile:
            options += ["--profile", str(self.options.profile / f"{name}.samples.json")]
        argv = (sys.executable, "-m", "tests.bench.process", *options, "--", *words)
        return Process(argv, self.directory / f"{name}.log", {"PYTHONPATH": _PATH})

    def instruments(self, name: str) -> list[str]:
        """Options of `process.py`."""
        return ["--observe", str(self.directory / "observer.sock")]

    async def open(self, stack: AsyncExitStack) -> None:
        """Both members Ready on the hub, both observed, and a policy that sends Deployments to both."""
        stack.push_async_callback(self.stop)
        await self.start()
        self.bus = await stack.enter_async_context(connect(self._bus_settings(), name="bench"))
        await (self._open_real(stack) if self.is_real else self._open_simulated(stack))
        await self.settled(PULL, PUSH)
        self.system = System("flotilla", self.client, self.clusters, self.arrivals, self.options.patience)
        await self.client.create(everywhere(PULL, PUSH))

    async def stop(self) -> None:
        for agent in self.agents.values():
            await agent.stop()
        await super().stop()

    def remote(self) -> Process:
        """The agent of Push clusters, as the hub would start it."""
        home = self.data / "remote"
        home.mkdir(exist_ok=True)
        creds = home / "remote.creds"
        creds.write_text(credentials.remote(self._keys(), now=int(time.time())))
        words = ["--hub-kubeconfig", str(self.kubeconfig), "--nats-urls", self.nats_url(), "--credentials", str(creds)]
        return self.process(PUSH, "agent", "remote", *words, "--data-dir", str(home))

    def pids(self) -> dict[str, int]:
        """Our processes, by what they are."""
        agents = {f"agent {name}": agent.pid for name, agent in self.agents.items()}
        return {"hub": self.hub.pid, "nats": self.nats_pid, **agents}

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far of each of our processes, and of the members' own servers together."""
        used = {name: proc.cpu_seconds(pid) for name, pid in self.pids().items()}
        if self.is_real:
            used["members' servers"] = sum(map(proc.cpu_seconds, proc.children(os.getpid(), *SERVERS)))
        used["this load"] = proc.cpu_seconds(os.getpid())
        return used

    async def quiet(self, *, patience: float = 120.0, idle: float = IDLE) -> float:
        """When the hub had nothing more to do."""
        async with asyncio.timeout(patience):
            while True:
                at, used = now(), proc.cpu_seconds(self.hub.pid)
                await asyncio.sleep(WINDOW)
                if proc.cpu_seconds(self.hub.pid) - used < WINDOW * idle:
                    return at

    async def sequences(self) -> dict[str, int]:
        """The last sequence of each stream: how many messages it was given in its life."""
        infos = {name: await self.bus.request(stream_call("INFO", stream)) for name, stream in STREAMS.items()}
        return {name: int(info["state"]["last_seq"]) for name, info in infos.items()}

    @asynccontextmanager
    async def watching_hub(self, resource: str, note: Callable[[Obj], None]) -> AsyncIterator[None]:
        """The hub's objects of a kind are noted while the body runs, as a client's watch shows them."""
        async with going_on(follow(self.client, resource, note)):
            yield

    async def arrived(self, names: Iterable[str]) -> list[float]:
        """When each of these Deployments was in each member; two for each."""
        return await self.system.arrived(names)

    async def _open_simulated(self, stack: AsyncExitStack) -> None:
        loop, socket = asyncio.get_running_loop(), str(self.directory / "observer.sock")
        server = await loop.create_unix_server(self._simulated.accept, socket)
        stack.callback(server.close)
        await self.create_cluster(PUSH, {"syncMode": "Push", "apiEndpoint": f"memory://{PUSH}"})
        await self._start_agents({"target": "memory"})

        async def are_open() -> bool:
            return len(self._simulated.members) == 2

        await until("both simulated clusters report here", are_open)
        self.clusters = self._simulated.members  # type: ignore[assignment]  # live: one that comes back is replaced

    async def _open_real(self, stack: AsyncExitStack) -> None:
        for name in (PULL, PUSH):
            cluster = KubeCluster(name, unsafe_no_fsync=not self.options.etcd_fsync)
            await stack.enter_async_context(cluster)
            self._kubeconfigs[name] = cluster.kubeconfig
            client = await stack.enter_async_context(connect_client(Access.of(read(cluster.kubeconfig))))
            member = self.clusters[name] = RealMember(name, client)
            await stack.enter_async_context(going_on(member.watch(self.arrivals)))
        await self.flotilla("join", PUSH, "--cluster-kubeconfig", str(self._kubeconfigs[PUSH]))
        await self._start_agents({"target": "kubernetes", "kubeconfig": str(self._kubeconfigs[PULL])})

    async def flotilla(self, *words: str) -> None:
        """A command of a user of this hub."""
        argv = (*FLOTILLA, *words, "--kubeconfig", str(self.kubeconfig))
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*argv, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()

    async def _start_agents(self, pull_target: dict[str, str]) -> None:
        home = await self.register(PULL, **pull_target)
        self.agents[PULL] = self.process(PULL, "agent", "run", "--config", str(home))
        self.agents[PUSH] = self.remote()
        for agent in self.agents.values():
            await agent.start()

    def _keys(self) -> keys.Keys:
        return keys.load(self.data / "nats" / "keys")

    def _bus_settings(self) -> BusSettings:
        return BusSettings(self.nats_url(), str(self.data / "nats" / "hub.creds"), reconnect_most=0.5)


_FREE_PORTS = ("--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0")


@asynccontextmanager
async def bed(options: Options, *, is_real: bool) -> AsyncIterator[Bed]:
    """Up on entry, gone with all its files on exit."""
    with tempfile.TemporaryDirectory(prefix="flotilla-bench-", ignore_cleanup_errors=True) as directory:
        async with AsyncExitStack() as stack:
            made = Bed(Path(directory), options, is_real=is_real)
            await made.open(stack)
            yield made
