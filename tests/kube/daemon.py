"""Daemon: one server process of a test cluster, its log and its certain end."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class Daemon:
    """A running server that is killed when it is told to, or when the test process dies."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path, log_start: int) -> None:
        self._process = process
        self._log = log
        self._log_start = log_start

    @classmethod
    async def spawn(cls, command: Sequence[str], log: Path) -> Daemon:
        """Start `command`, which adds what it says to the file `log`."""
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=log.parent,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
            return cls(process, log, output.tell())

    @property
    def exit_code(self) -> int | None:
        """How it ended, or None while it runs."""
        return self._process.returncode

    def log_tail(self, lines: int = 25) -> str:
        """The last lines it has logged since this start."""
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            text = log.read().decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    async def kill(self) -> None:
        """Kill it and whatever it started, with no chance to tidy up, and wait for its end."""
        # Once it has ended, its number may be another process's.
        if self.exit_code is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()


def _die_with_parent() -> None:
    # A test run that is killed itself never reaches kill(); the kernel then does it instead.
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
