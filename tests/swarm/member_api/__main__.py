"""`python -m tests.swarm.member_api --clusters N --port P --kubeconfigs DIR`: N stub clusters, until stopped."""

import argparse
import asyncio
import ctypes
import signal
import ssl
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import uvloop

from flotilla_common.runtime import descriptors
from flotilla_hub.api.tls import ensure_certificates

from .cluster import Cluster
from .populace import populace, unrest
from .server import MemberApi, kubeconfig

_PR_SET_PDEATHSIG = 1


def main() -> int:
    given = _arguments()
    # Whatever happens to the benchmark that started it, no stub stays behind.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    descriptors.allow_all()
    uvloop.run(_until_stopped(given))
    return 0


async def _until_stopped(given: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tls, authority = _tls(given.tls) if given.tls else (None, b"")
    api = MemberApi(given.clusters, _maker(given), tls=tls)
    await api.open(given.port)
    try:
        if given.kubeconfigs:
            given.kubeconfigs.mkdir(parents=True, exist_ok=True)
            for n in range(given.clusters):
                kubeconfig(given.kubeconfigs / f"{n}.kubeconfig", api.url(n), authority)
        print(f"{given.clusters} clusters at {api.url(0)} and on", flush=True)
        async with asyncio.TaskGroup() as group:
            restless = range(given.clusters if given.changes else 0)
            tasks = [group.create_task(unrest(api.cluster(n).shelves, given.changes)) for n in restless]
            await stop.wait()
            for task in tasks:
                task.cancel()
    finally:
        await api.close()


def _maker(given: argparse.Namespace) -> Callable[[], Cluster]:
    return partial(Cluster, populace(given.nodes, given.pods), is_simulated=given.simulate)


def _tls(directory: Path) -> tuple[ssl.SSLContext, bytes]:
    """And the certificate to trust, in PEM."""
    files = ensure_certificates(directory, ["127.0.0.1"], datetime.now(UTC))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    return context, files.authority.read_bytes()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.swarm.member_api", description="Stub member clusters.")
    parser.add_argument("--clusters", type=int, required=True, metavar="N")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; any by default")
    parser.add_argument("--kubeconfigs", type=Path, default=None, metavar="DIR", help="gets <n>.kubeconfig of each")
    parser.add_argument("--nodes", type=int, default=0, metavar="N", help="in each cluster")
    parser.add_argument("--pods", type=int, default=0, metavar="N", help="in each cluster")
    parser.add_argument(
        "--changes", type=float, default=0, metavar="N", help="pods per second that report a new status"
    )
    parser.add_argument("--simulate", action="store_true", help="workloads are ready as soon as they are written")
    parser.add_argument("--tls", type=Path, default=None, metavar="DIR", help="https, with certificates made there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
