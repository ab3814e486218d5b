"""`python -m tests.swarm --hub DIR --count N`: N agents of a hub on this machine, in one process, until stopped."""

import argparse
import asyncio
import ctypes
import signal
import sys
import tempfile
from pathlib import Path

import uvloop

from flotilla_common.runtime import descriptors

from .control import answering
from .crowd import Crowd, Plan

_PR_SET_PDEATHSIG = 1


def main() -> int:
    given = _arguments()
    # Whatever happens to the benchmark that started it, no swarm stays behind.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    descriptors.allow_all()
    plan = Plan(given.hub, given.count, given.first, given.prefix, given.heartbeat, given.delay, given.join)
    uvloop.run(_until_stopped(plan, given.control))
    return 0


async def _until_stopped(plan: Plan, socket: Path | None) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with tempfile.TemporaryDirectory(prefix="flotilla-swarm-") as home:
        crowd = Crowd(plan, Path(home))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(crowd.run()), group.create_task(_tell(crowd))]
            if socket is not None:
                tasks.append(group.create_task(answering(crowd, socket)))
            await stop.wait()
            for task in tasks:
                task.cancel()


async def _tell(crowd: Crowd) -> None:
    """A line for whoever started it by hand."""
    await crowd.up.wait()
    print(f"{len(crowd.agents)} agents are connected", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.swarm", description="Agents over stub clusters.")
    parser.add_argument("--hub", type=Path, required=True, metavar="DIR", help="data directory of the hub")
    parser.add_argument("--count", type=int, required=True, metavar="N", help="agents")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number in the name of the first cluster")
    parser.add_argument("--prefix", default="swarm-", help="of the clusters' names")
    parser.add_argument("--heartbeat", type=float, default=10.0, metavar="S", help="seconds between heartbeats")
    parser.add_argument("--delay", type=float, default=0.0, metavar="S", help="seconds an apply takes")
    parser.add_argument("--no-join", dest="join", action="store_false", help="the clusters are registered already")
    parser.add_argument("--control", type=Path, default=None, metavar="SOCKET", help="where to answer questions")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
