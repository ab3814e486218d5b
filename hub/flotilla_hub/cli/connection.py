"""Which hub a verb talks to: the flags that say it, and the client opened from them."""

import argparse
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from flotilla_common.errors import Terminal

from ..client import Access, Client, connect, kubeconfig
from ..settings import HubSettings

__all__ = ["add_flags", "add_namespace", "default_kubeconfig", "hub"]


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kubeconfig",
        metavar="FILE",
        default=None,
        help="of the hub; by default $FLOTILLA_KUBECONFIG, else the one a hub on this machine wrote",
    )
    parser.add_argument("--context", metavar="NAME", default="", help="context in it; by default its current one")


def add_namespace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-n", "--namespace", metavar="NAME", default="", help="by default the kubeconfig's, else default"
    )


def default_kubeconfig() -> Path:
    """$FLOTILLA_KUBECONFIG, else `kubeconfig` in the hub's data directory on this machine."""
    if named := os.environ.get("FLOTILLA_KUBECONFIG"):
        return Path(named).expanduser()
    return Path(os.environ.get("FLOTILLA_DATA_DIR") or HubSettings().data_dir).expanduser() / "kubeconfig"


@asynccontextmanager
async def hub(args: argparse.Namespace) -> AsyncIterator[Client]:
    """A client of the hub that `args` name. Raises Terminal when there is no kubeconfig for it."""
    async with connect(_access(args)) as client:
        yield client


def _access(args: argparse.Namespace) -> Access:
    path = Path(args.kubeconfig).expanduser() if args.kubeconfig else default_kubeconfig()
    if not path.exists():
        raise Terminal(
            f"there is no kubeconfig {path}; start a hub here with `flotilla hub serve`, or name the kubeconfig "
            "of another with --kubeconfig FILE or $FLOTILLA_KUBECONFIG"
        )
    access = Access.of(kubeconfig.read(path, args.context))
    namespace = getattr(args, "namespace", "")
    return replace(access, namespace=namespace) if namespace else access
