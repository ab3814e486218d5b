"""A child process that is kept running while its owner lives, and does not outlive it."""

import asyncio
import ctypes
import logging
import os
import random
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ..errors import Terminal

__all__ = ["Child", "Supervised"]

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
# Looked up here, not between fork and exec, where little is allowed.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Child:
    """What to run; times in seconds."""

    name: str
    argv: Sequence[str]
    log_file: Path
    """What it prints is added here."""
    env: Mapping[str, str] | None = None
    """Its whole environment; None for a copy of ours."""
    grace: float = 10.0
    """Between SIGTERM and SIGKILL."""
    first_delay: float = 0.1
    max_delay: float = 10.0
    """Bounds of the pause before a restart, doubling from one to the other, with jitter."""
    settled_after: float = 30.0
    """A child that ran for so long starts over with the first delay."""


class Supervised:
    """`async with Supervised(child) as running`: started on entry, restarted whenever it ends, stopped on exit.

    When we die without a chance to stop it, the kernel sends it SIGTERM (Linux). It is in a session of its own, so a
    Ctrl-C in the terminal reaches only us and we end things in order.
    """

    def __init__(
        self,
        child: Child,
        *,
        on_start: Callable[[int], None] | None = None,
        on_exit: Callable[[int], None] | None = None,
    ) -> None:
        """`on_start` is told the process id of each start, `on_exit` each return code (negative: the signal)."""
        self.child = child
        self.starts = 0
        self._on_start = on_start
        self._on_exit = on_exit
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """None while it is down."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def __aenter__(self) -> Self:
        """Raises Terminal when the program cannot be run at all."""
        process = await self._start()
        self._keeper = asyncio.create_task(self._keep(process), name=f"supervise-{self.child.name}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._keeper is not None
        self._keeper.cancel()
        try:
            # Not `await keeper`: its end by cancellation must not be mistaken for ours.
            await asyncio.wait([self._keeper])
        finally:
            await self._stop()

    async def _keep(self, process: asyncio.subprocess.Process) -> None:
        loop, failures = asyncio.get_running_loop(), 0
        started = loop.time()
        while True:
            self._note_exit(await process.wait())
            failures = 0 if loop.time() - started >= self.child.settled_after else failures + 1
            process = await self._start_again(failures)
            started = loop.time()

    async def _start_again(self, failures: int) -> asyncio.subprocess.Process:
        while True:
            ceiling = min(self.child.max_delay, self.child.first_delay * 2.0 ** min(max(failures - 1, 0), 20))
            await asyncio.sleep(ceiling * random.uniform(0.5, 1.0))
            try:
                return await self._start()
            except Terminal as err:
                # It ran once, so the program may come back: an upgrade replaces it, a mount returns.
                failures += 1
                log.error("child cannot be started", extra={"child": self.child.name, "error": str(err)})

    async def _start(self) -> asyncio.subprocess.Process:
        child = self.child
        try:
            with child.log_file.open("ab") as output:
                process = await asyncio.create_subprocess_exec(
                    *child.argv,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=child.env,
                    start_new_session=True,
                    preexec_fn=_die_with(os.getpid()),
                )
        except OSError as err:
            raise Terminal(f"cannot run {child.name} ({child.argv[0]}): {err}; look at the path and its mode") from err
        self._process = process
        self.starts += 1
        log.info("child started", extra={"child": child.name, "pid": process.pid, "starts": self.starts})
        if self._on_start is not None:
            self._on_start(process.pid)
        return process

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(self.child.grace):
                code = await process.wait()
        except TimeoutError:
            log.warning("child did not stop in time and is killed", extra={"child": self.child.name})
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            code = await process.wait()
        if self._on_exit is not None:
            self._on_exit(code)

    def _note_exit(self, code: int) -> None:
        log.warning("child ended and will be restarted", extra={"child": self.child.name, "code": code})
        if self._on_exit is not None:
            self._on_exit(code)


def _die_with(parent: int) -> Callable[[], None] | None:
    """To be run in the child before its program: have the kernel end it with the thread that started it."""
    if _LIBC is None:
        return None
    libc = _LIBC

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            # The parent died before the kernel was asked.
            os.kill(os.getpid(), signal.SIGTERM)

    return prepare
