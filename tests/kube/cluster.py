"""KubeCluster: a real Kubernetes API server, and its etcd, that one test owns."""

from __future__ import annotations

import asyncio
import base64
import http.client
import random
import shutil
import socket
import ssl
import tempfile
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.kube import programs
from tests.kube.certificates import Authority, Pair
from tests.kube.daemon import Daemon
from tests.kube.programs import HOST, write_private
from tests.kube.tools import Tools, ToolsMissing, ensure

# Below the ports the kernel gives to outgoing connections, so that a killed API server finds
# its port still free when it starts again.
_PORTS = range(20000, 32000)
_BIND_TRIES = 3
_POLL_S = 0.05
_BIND_FAILED = "address already in use"

_KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: {name}
clusters:
- name: {name}
  cluster:
    server: {url}
    certificate-authority-data: {authority}
users:
- name: {user}
  user:
    client-certificate-data: {certificate}
    client-key-data: {key}
contexts:
- name: {name}
  context:
    cluster: {name}
    user: {user}
"""


class ClusterFailed(Exception):
    """A test cluster did not come up, or a command against it failed."""


class _PortTaken(ClusterFailed):
    """Another process took a port between its choice and its use."""


class KubeCluster:
    """etcd and kube-apiserver on loopback; `async with KubeCluster() as cluster`.

    `controllers` also runs kube-controller-manager, so that Deployments get their ReplicaSets and
    Pods (which stay Pending: nothing runs them), deleted namespaces go away, deletion cascades and
    the roles view, edit and admin grant something. Without it none of that happens.
    """

    def __init__(
        self,
        name: str = "kube",
        *,
        tools: Tools | None = None,
        controllers: bool = False,
        unsafe_no_fsync: bool = True,
        start_timeout: float = 60.0,
        apiserver_flags: Sequence[str] = (),
    ) -> None:
        self.name = name
        self._tools = tools
        self._controllers = controllers
        self._no_fsync = unsafe_no_fsync
        self._start_timeout = start_timeout
        self._apiserver_flags = tuple(apiserver_flags)
        self._authority = Authority(f"{name}-ca")
        self._admin = self._authority.client("admin", ["system:masters"])
        self._daemons: dict[str, Daemon] = {}
        self._directory: Path | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def directory(self) -> Path:
        """Where its files and logs are, from its start until its stop."""
        if self._directory is None:
            raise ClusterFailed(f"test cluster {self.name} has no files: it is not started. Use `async with`.")
        return self._directory

    @property
    def tools(self) -> Tools:
        """The programs it runs, known from its start."""
        if self._tools is None:
            raise ClusterFailed(f"test cluster {self.name} is not started. Use `async with`.")
        return self._tools

    @property
    def url(self) -> str:
        """The address of the API server, the same through every restart of it."""
        return f"https://{HOST}:{self._port}"

    @property
    def ca_certificate(self) -> bytes:
        """The PEM certificate that vouches for the API server."""
        return self._authority.certificate

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig, complete in one file, of a user who may do everything."""
        return self.directory / "admin.kubeconfig"

    def kubeconfig_for(self, user: str, groups: Sequence[str] = ()) -> Path:
        """Write a kubeconfig of `user`, who may do what RBAC grants them or their groups."""
        pair = self._authority.client(user, groups)
        path = self.directory / f"{user.replace(':', '_')}.kubeconfig"
        self._write_kubeconfig(path, user, pair)
        return path

    async def start(self) -> None:
        """Start everything and return once the API server is ready for use."""
        if self._tools is None:
            self._tools = await asyncio.to_thread(ensure)
        self._directory = Path(tempfile.mkdtemp(prefix=f"kube-{self.name}-"))
        try:
            programs.write_secrets(self.directory, self._authority, self._admin)
            await self._spawn("etcd", programs.etcd(self.tools.etcd, unsafe_no_fsync=self._no_fsync))
            await self._start_apiserver_somewhere()
            if self._controllers:
                await self._start_controllers()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Kill everything and remove its files."""
        for daemon in reversed(self._daemons.values()):
            await daemon.kill()
        self._daemons.clear()
        if self._directory is not None:
            await asyncio.to_thread(shutil.rmtree, self._directory, ignore_errors=True)
            self._directory = None

    async def kill_apiserver(self) -> None:
        """Kill the API server as a crash would; etcd keeps the objects."""
        daemon = self._daemons.pop("kube-apiserver", None)
        if daemon is not None:
            await daemon.kill()

    async def start_apiserver(self) -> None:
        """Start the API server again, at the same address, and wait until it is ready."""
        await self.kill_apiserver()
        command = programs.apiserver(self.tools.kube_apiserver, self._port)
        await self._spawn("kube-apiserver", [*command, *self._apiserver_flags])
        await self._wait_ready("/readyz")
        # The server makes this one itself, a moment after it calls itself ready.
        await self._wait_ready("/api/v1/namespaces/default")

    async def kubectl(
        self,
        *arguments: str,
        stdin: str = "",
        program: Path | None = None,
        kubeconfig: Path | None = None,
    ) -> str:
        """Run kubectl, or another `program`, as the admin or `kubeconfig`; return its output."""
        process = await asyncio.create_subprocess_exec(
            str(program or self.tools.kubectl),
            f"--kubeconfig={kubeconfig or self.kubeconfig}",
            # Without its own, it would share discovery with whatever had this port before.
            f"--cache-dir={self.directory / 'kubectl-cache'}",
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate(stdin.encode())
        if process.returncode != 0:
            raise ClusterFailed(
                f"`kubectl {' '.join(arguments)}` on test cluster {self.name} ended with "
                f"{process.returncode}: {errors.decode().strip()}"
            )
        return output.decode()

    def _write_kubeconfig(self, path: Path, user: str, pair: Pair) -> None:
        content = _KUBECONFIG.format(
            name=self.name,
            url=self.url,
            user=user,
            authority=_base64(self.ca_certificate),
            certificate=_base64(pair.certificate),
            key=_base64(pair.key),
        )
        write_private(path, content.encode())

    async def _start_apiserver_somewhere(self) -> None:
        for attempt in range(1, _BIND_TRIES + 1):
            self._port = _free_port()
            self._write_kubeconfig(self.kubeconfig, "admin", self._admin)
            try:
                await self.start_apiserver()
                return
            except _PortTaken:
                if attempt == _BIND_TRIES:
                    raise

    async def _start_controllers(self) -> None:
        program = self.tools.kube_controller_manager
        if program is None:
            raise ToolsMissing(
                "no kube-controller-manager",
                "the directory KUBEBUILDER_ASSETS names does not hold it",
                "Put it there, or unset KUBEBUILDER_ASSETS to build it",
            )
        await self._spawn("kube-controller-manager", programs.controller_manager(program, self.kubeconfig))
        # The first thing that only they make.
        await self._wait_ready("/api/v1/namespaces/default/serviceaccounts/default")

    async def _spawn(self, name: str, command: Sequence[str]) -> None:
        self._daemons[name] = await Daemon.spawn(command, self.directory / f"{name}.log")

    async def _wait_ready(self, path: str) -> None:
        """Wait until the API answers `path`, for which everything must keep running."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._start_timeout
        get = _client(self.directory)
        while not await asyncio.to_thread(_answers, get, self.url + path):
            for name, daemon in self._daemons.items():
                if daemon.exit_code is not None:
                    raise self._ended(name, daemon)
            if loop.time() > deadline:
                raise ClusterFailed(
                    f"test cluster {self.name}: {path} was not ready in {self._start_timeout:g} s. "
                    f"A busy machine needs a longer start_timeout. They logged last:\n{self._tails()}"
                )
            await asyncio.sleep(_POLL_S)

    def _ended(self, name: str, daemon: Daemon) -> ClusterFailed:
        tail = daemon.log_tail()
        if _BIND_FAILED in tail:
            return _PortTaken(
                f"test cluster {self.name}: another process took port {self._port}. "
                f"Look for servers left running. {name} logged last:\n{tail}"
            )
        return ClusterFailed(
            f"test cluster {self.name}: {name} ended with {daemon.exit_code} before the cluster "
            f"was ready. Look for the reason in what it logged last:\n{tail}"
        )

    def _tails(self) -> str:
        return "\n".join(f"--- {name}\n{daemon.log_tail()}" for name, daemon in self._daemons.items())


def _free_port() -> int:
    for port in random.sample(_PORTS, k=100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ClusterFailed(
        f"no free port for a test cluster: 100 tries from {_PORTS.start} to {_PORTS.stop} on "
        f"{HOST} all failed. Look for servers left running."
    )


def _client(directory: Path) -> Callable[[str], int]:
    """Make a client of the API server that is the admin and checks who it talks to."""
    context = ssl.create_default_context(cafile=str(directory / "ca.crt"))
    context.load_cert_chain(directory / "admin.crt", directory / "admin.key")
    opener = urllib.request.build_opener(
        # A proxy set for the machine has no business with its loopback.
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=context),
    )

    def get(url: str) -> int:
        with opener.open(url, timeout=2) as answer:
            status: int = answer.status
            return status

    return get


def _answers(get: Callable[[str], int], url: str) -> bool:
    try:
        return get(url) == 200
    except (OSError, http.client.HTTPException):
        return False


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
