"""`flotilla hub kubeconfig`: print the administrator's kubeconfig, which the hub wrote when it first started."""

import argparse
from pathlib import Path

from flotilla_common.errors import Terminal

from .connection import default_kubeconfig

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data-dir", metavar="DIR", type=Path, default=None, help="the hub's; by default ~/.flotilla")


def run(args: argparse.Namespace) -> int:
    path = args.data_dir.expanduser() / "kubeconfig" if args.data_dir else default_kubeconfig()
    try:
        print(path.read_text(), end="")
    except OSError as err:
        raise Terminal(
            f"cannot read {path}: {err.strerror}; run this where the hub runs, as its user, after `flotilla hub serve`"
        ) from err
    return 0
