"""`flotilla agent run`: serve the cluster this runs in (Pull)."""

import argparse
from pathlib import Path

import uvloop

from flotilla_common import logs, settings

from ..settings import AgentSettings

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="DIR", type=Path, help="folder that `flotilla register` wrote")
    settings.add_flags(parser, AgentSettings)


def run(args: argparse.Namespace) -> int:
    from ..app import run_pull

    file = args.config / "agent.yaml" if args.config else None
    chosen = settings.load(AgentSettings, vars(args), file=file)
    logs.set_up(chosen.log_level)
    home = Path(chosen.data_dir or args.config or Path.home() / ".flotilla" / "agents" / chosen.cluster)
    uvloop.run(run_pull(chosen, home.expanduser()))
    return 0
