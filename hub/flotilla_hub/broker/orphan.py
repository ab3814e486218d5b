"""A nats-server that an earlier hub left behind on our data directory: found by its pid file, verified, and stopped.

The kernel ends the server with its hub (runtime/supervise.py), but it takes a moment over it, and not every system can.
"""

import asyncio
import logging
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from flotilla_common.errors import Unavailable

__all__ = ["is_ours", "stop"]

log = logging.getLogger(__name__)

_POLL_S = 0.02


async def stop(pid_file: Path, config: Path, *, grace: float = 10.0) -> None:
    """End the nats-server of `pid_file` if there is one and it runs with exactly our `config`; nothing else is touched.

    SIGTERM, then SIGKILL after `grace` seconds. Raises Unavailable when it is there even so. The caller holds the lock
    of the data directory, so no living hub owns that server.
    """
    pid = _noted(pid_file)
    if pid is None:
        return
    for how, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
        if not is_ours(pid, config):
            return
        log.warning("stopping a nats-server that an earlier hub left behind", extra={"pid": pid, "signal": how.name})
        _send(pid, config, how)
        if await _is_gone(pid, config, patience):
            return
    raise Unavailable(f"nats-server {pid} uses our data directory and does not stop; end it, then start the hub again")


def is_ours(pid: int, config: Path) -> bool:
    """Whether `pid` was started exactly as server.py starts a server with `config`: a number alone may be anybody's."""
    return _command(pid)[1:] == ["-c", str(config)]


def _noted(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text())
    except (OSError, ValueError):
        return None


def _send(pid: int, config: Path, how: signal.Signals) -> None:
    if not hasattr(os, "pidfd_open"):
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        return
    # Between look and signal the number could change hands; a descriptor of the process cannot.
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            if is_ours(pid, config):
                signal.pidfd_send_signal(descriptor, how)
        finally:
            os.close(descriptor)


async def _is_gone(pid: int, config: Path, patience: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while is_ours(pid, config):  # noqa: ASYNC110  # the end of somebody else's child rings no bell
                await asyncio.sleep(_POLL_S)
            return True
    return False


def _command(pid: int) -> list[str]:
    """The arguments `pid` was started with; none when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return []
    except OSError:
        return []
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.split()
