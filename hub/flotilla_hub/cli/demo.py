"""`flotilla demo`: three simulated clusters, a Helm release, an override, and a cable that is cut and healed."""

import argparse
import asyncio
import shutil
import signal
import tempfile
from pathlib import Path

__all__ = ["add_arguments", "run"]

INTERRUPTED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="end when the story is told; exit 1 unless all came true")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, default=60.0, help="for each step of the story")


def run(args: argparse.Namespace) -> int:
    """0 when everything converged, 1 when not, 130 when it was stopped before that was known."""
    home = Path(tempfile.mkdtemp(prefix="flotilla-demo-"))
    code = asyncio.run(_play(home, args))
    if code != 1:
        # What did not converge stays, to be looked at; the last line said where.
        shutil.rmtree(home, ignore_errors=True)
    return code


async def _play(home: Path, args: argparse.Namespace) -> int:
    # Only the demo pays for drawing.
    from ..demo.play import Play

    play = Play(home, once=args.once, step_seconds=args.timeout)
    async with asyncio.TaskGroup() as group:
        playing = group.create_task(play.run(), name="demo")
        _cancel_on_signal(playing)
    if playing.cancelled():
        return 0 if play.converged else INTERRUPTED
    return 0 if playing.result() else 1


def _cancel_on_signal(task: asyncio.Task[bool]) -> None:
    def stop() -> None:
        # Once: a second Ctrl-C must not break into the ending of the processes.
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
