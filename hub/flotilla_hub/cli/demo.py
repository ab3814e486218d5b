"""`flotilla demo`: three simulated clusters, a Helm release, an override, and a cable that is cut and healed."""

import argparse
import asyncio
import shutil
import signal
import tempfile
from pathlib import Path

__all__ = ["add_arguments", "run"]

FAILED, INTERRUPTED = 1, 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="end when the story is told; exit 1 unless all came true")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, default=60.0, help="for each step of the story")


def run(args: argparse.Namespace) -> int:
    """0 when everything converged, 1 when not, 130 when it was stopped before that was known."""
    return asyncio.run(_play(args))


async def _play(args: argparse.Namespace) -> int:
    async with asyncio.TaskGroup() as group:
        playing = group.create_task(_perform(args), name="demo")
        # Before it has begun, so that no signal comes too early to be answered.
        _cancel_on_signal(playing)
    return INTERRUPTED if playing.cancelled() else playing.result()


async def _perform(args: argparse.Namespace) -> int:
    # Only the demo pays for drawing.
    from ..demo.play import Play

    home = Path(tempfile.mkdtemp(prefix="flotilla-demo-"))
    play, code = Play(home, once=args.once, step_seconds=args.timeout), FAILED
    try:
        code = 0 if await play.run() else FAILED
    except asyncio.CancelledError:
        # This task ends here either way; how depends on what it had come to.
        code = 0 if play.converged else INTERRUPTED
    finally:
        if code != FAILED:
            # What did not converge stays, to be looked at; the last line said where.
            shutil.rmtree(home, ignore_errors=True)
    return code


def _cancel_on_signal(task: asyncio.Task[int]) -> None:
    def stop() -> None:
        # Once: a second Ctrl-C must not break into the ending of the processes.
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)
