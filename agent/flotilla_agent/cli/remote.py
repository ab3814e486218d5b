"""`flotilla agent remote`: serve all Push clusters of a hub. The hub starts it itself, as a process beside it."""

import argparse
from pathlib import Path

import uvloop

from flotilla_common import logs, settings
from flotilla_common.runtime import descriptors

from ..settings import RemoteSettings

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", type=Path, default=None, help="YAML file with these settings")
    settings.add_flags(parser, RemoteSettings)


def run(args: argparse.Namespace) -> int:
    # Only an agent pays for importing one.
    from ..remote import run_remote

    chosen = settings.load(RemoteSettings, vars(args), file=args.config)
    for flag, value in (("--hub-kubeconfig", chosen.hub_kubeconfig), ("--nats-urls", chosen.nats_urls)):
        if not value:
            raise settings.BadSetting(
                f"{flag} is missing; `flotilla hub serve` starts this agent itself, with all it needs"
            )
    logs.set_up(chosen.log_level)
    descriptors.allow_all()
    uvloop.run(run_remote(chosen))
    return 0
