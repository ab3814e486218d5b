"""Serves every Push cluster from the hub's side: the same engine a Pull agent runs, once for each, in one process.

Which clusters there are, and how to get into them, is read from the hub's API like any client would.
"""

import asyncio
import base64
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from flotilla_common.bus import Bus, BusSettings, connect
from flotilla_common.errors import FlotillaError, Terminal, leaves
from flotilla_common.messages import ClusterReport
from flotilla_common.objects import GVK, Obj, encode, meta_of, name_of
from flotilla_common.runtime.stopping import until_stopped
from flotilla_common.subjects import AGENT_API, CLUSTER_REPORT, REMOTE, StatusSubject, inbox

from .engine.target import Seen, Target
from .member import serve
from .settings import EngineSettings, KubernetesSettings, LinkSettings, RemoteSettings
from .targets import open_target
from .targets.conditions import Verdict, with_conditions
from .targets.credentials import Credentials, of_kubeconfig
from .targets.discovery import Discovery
from .targets.kubernetes import KubernetesTarget
from .targets.reflector import Reflector
from .targets.transport import Transport

__all__ = ["kubeconfig_of", "run_remote"]

log = logging.getLogger(__name__)

CLUSTER = GVK("cluster.karmada.io", "v1alpha1", "Cluster")
SYSTEM_NAMESPACE = "karmada-system"
"""Where a secretRef without a namespace points."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 10.0
"""Seconds between two tries to open a cluster. Each try is a sign of life, so three must fit in the hub's patience."""


@dataclass(frozen=True)
class Door:
    """How to get into one Push cluster, as its Cluster object says."""

    name: str
    endpoint: str
    secret: tuple[str, str] | None
    insecure: bool

    @classmethod
    def of(cls, cluster: Obj) -> "Door | None":
        """None for a cluster that has an agent of its own."""
        spec = cluster.get("spec") or {}
        if spec.get("syncMode") == "Pull":
            return None
        named = spec.get("secretRef") or {}
        secret = (named.get("namespace") or SYSTEM_NAMESPACE, named["name"]) if named.get("name") else None
        insecure = bool(spec.get("insecureSkipTLSVerification"))
        return cls(name_of(cluster), spec.get("apiEndpoint") or "", secret, insecure)


async def run_remote(settings: RemoteSettings) -> None:
    """Until SIGTERM or Ctrl-C."""
    home = _home(settings)
    knobs = KubernetesSettings()
    hub = Transport(lambda: of_kubeconfig(settings.hub_kubeconfig), knobs)
    await hub.open()
    bus_settings = BusSettings(settings.nats_urls, settings.credentials, inbox=inbox(REMOTE), api=AGENT_API)
    try:
        async with connect(bus_settings, name="agent remote") as bus:
            link = LinkSettings(heartbeat=settings.heartbeat, facts_every=settings.heartbeat)
            await until_stopped(Remote(hub, bus, home, link, knobs).run())
    finally:
        await hub.close()


def _home(settings: RemoteSettings) -> Path:
    home = Path(settings.data_dir).expanduser()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


class Remote:
    """One task for each Push cluster; a Cluster whose address or secret changes is started anew."""

    def __init__(self, hub: Transport, bus: Bus, home: Path, link: LinkSettings, knobs: KubernetesSettings) -> None:
        self._hub = hub
        self._bus = bus
        self._home = home
        self._link = link
        self._knobs = knobs
        self._served: dict[str, tuple[Door, asyncio.Task[None]]] = {}

    async def run(self) -> None:
        clusters = Reflector(self._hub, Discovery(self._hub), CLUSTER, self._knobs, selector="")
        async with asyncio.TaskGroup() as group, aclosing(clusters.events()) as events:
            group.create_task(self._bus.until_closed(), name="connection")
            async for event in events:
                if isinstance(event, Seen):
                    self._follow(group, event.ref.name, Door.of(event.obj) if event.obj else None)

    def _follow(self, group: asyncio.TaskGroup, name: str, door: Door | None) -> None:
        held = self._served.get(name)
        if held is not None and held[0] == door:
            return
        if held is not None:
            del self._served[name]
            held[1].cancel()
        if door is not None:
            after = held[1] if held else None
            self._served[name] = (door, group.create_task(self._serve(door, after), name=f"cluster {name}"))

    async def _serve(self, door: Door, after: "asyncio.Task[None] | None") -> None:
        """For ever; a cluster that cannot be opened says so in its Ready condition and is tried again."""
        if after is not None:
            await asyncio.wait([after])  # two engines must never share a journal
        clock, delay = asyncio.get_running_loop().time, FIRST_PAUSE
        while True:
            began = clock()
            try:
                await self._serve_once(door)
            except* Exception as failed:
                # One cluster's trouble is its own, whatever it is: the others are served on.
                await self._report_closed(door.name, _told(door.name, failed))
            delay = FIRST_PAUSE if clock() - began > LONGEST_PAUSE else min(delay * 2, LONGEST_PAUSE)
            await asyncio.sleep(delay)

    async def _serve_once(self, door: Door) -> None:
        target = await self._open(door)
        try:
            journal = self._home / f"{door.name}.db"
            await serve(door.name, self._bus, target, journal, EngineSettings(), self._link)
        finally:
            await target.close()

    async def _open(self, door: Door) -> Target:
        if door.endpoint.startswith("memory://"):
            state = self._home / f"{door.name}.cluster.db"
            return await open_target(f"{door.endpoint}?state={state}")
        transport = Transport(self._credentials_of(door), self._knobs)
        await transport.open()
        return KubernetesTarget(transport, self._knobs)

    def _credentials_of(self, door: Door) -> Callable[[], Awaitable[Credentials]]:
        """Read anew each time it is called, so that a rotated secret is picked up."""

        async def load() -> Credentials:
            if door.secret is None:
                raise Terminal(f"Cluster {door.name} names no secret; set spec.secretRef, or join it again")
            namespace, name = door.secret
            path = f"/api/v1/namespaces/{namespace}/secrets/{name}"
            secret = await self._hub.call("GET", path, what=f"read Secret {namespace}/{name} of cluster {door.name}")
            return await of_kubeconfig(kubeconfig_of(secret, door))

        return load

    async def _report_closed(self, cluster: str, why: str) -> None:
        verdict = Verdict("Ready", False, "ClusterNotReachable", why)
        status = {"conditions": with_conditions({}, [verdict], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))}
        report = ClusterReport(cluster, version("flotilla"), encode(status), time.time())
        with suppress(FlotillaError):  # said again after the next try
            await self._bus.publish(str(StatusSubject(cluster, CLUSTER_REPORT)), report.pack())


def _told(cluster: str, failed: ExceptionGroup[Exception]) -> str:
    """Logs why a cluster is not served, with a trace for what should not have happened, and says it in a line."""
    why = "; ".join(f"{err or type(err).__name__}" for err in leaves(failed))
    is_expected = failed.split(FlotillaError)[1] is None
    log.warning(
        "cluster cannot be served", extra={"cluster": cluster, "error": why}, exc_info=None if is_expected else failed
    )
    return why


def kubeconfig_of(secret: Obj, door: Door) -> Obj:
    """A kubeconfig from a Secret with the key `kubeconfig`, or with `token` and `caBundle`. Raises Terminal.

    What the Cluster says about address and verification outranks a kubeconfig.
    """
    data = {key: base64.b64decode(value) for key, value in (secret.get("data") or {}).items()}
    where = f"Secret {meta_of(secret).get('namespace')}/{name_of(secret)}"
    if "kubeconfig" in data:
        return _adjusted(_parsed(data["kubeconfig"], where), door)
    if "token" not in data:
        raise Terminal(f"{where} holds neither a kubeconfig nor a token; see Cluster {door.name}, spec.secretRef")
    cluster: dict[str, Any] = {"server": door.endpoint}
    if data.get("caBundle") and not door.insecure:
        cluster["certificate-authority-data"] = base64.b64encode(data["caBundle"]).decode()
    if door.insecure:
        cluster["insecure-skip-tls-verify"] = True
    name = door.name
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": {"token": data["token"].decode().strip()}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }


def _parsed(text: bytes, where: str) -> Obj:
    try:
        parsed = yaml.safe_load(text)
    except yaml.YAMLError as err:
        raise Terminal(f"the kubeconfig in {where} is not YAML: {err}") from err
    if not isinstance(parsed, dict) or not parsed.get("clusters"):
        raise Terminal(f"the kubeconfig in {where} names no cluster")
    return parsed


def _adjusted(kubeconfig: Obj, door: Door) -> Obj:
    current = next(
        (c for c in kubeconfig.get("contexts") or () if c["name"] == kubeconfig.get("current-context")), None
    )
    name = current["context"]["cluster"] if current else kubeconfig["clusters"][0]["name"]
    clusters = []
    for entry in kubeconfig["clusters"]:
        cluster = dict(entry["cluster"])
        if entry["name"] == name:
            cluster["server"] = door.endpoint or cluster.get("server")
            if door.insecure:
                cluster.pop("certificate-authority-data", None)
                cluster["insecure-skip-tls-verify"] = True
        clusters.append({**entry, "cluster": cluster})
    return {**kubeconfig, "clusters": clusters}
