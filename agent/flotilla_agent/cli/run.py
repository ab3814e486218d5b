"""`flotilla agent run`: serve one cluster, as `flotilla register` set it up."""

import argparse
from pathlib import Path

import uvloop

from flotilla_common import logs, settings
from flotilla_common.runtime import descriptors

from ..settings import AgentSettings
from . import folder

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        metavar="DIR",
        type=Path,
        default=None,
        help="what flotilla register wrote: the folder, or its agent.yaml",
    )
    settings.add_flags(parser, AgentSettings)


def run(args: argparse.Namespace) -> int:
    # Only an agent pays for importing one.
    from ..app import run_pull

    file = folder.find_settings(args.config) if args.config else None
    chosen = settings.load(AgentSettings, vars(args), file=file)
    if not (chosen.cluster and chosen.nats_urls):
        raise settings.BadSetting(
            "this agent has no settings: name the folder `flotilla register` wrote with --config DIR, "
            "or give --cluster and --nats-urls"
        )
    logs.set_up(chosen.log_level)
    descriptors.allow_all()
    uvloop.run(run_pull(chosen, _home(chosen, file)))
    return 0


def _home(chosen: AgentSettings, file: Path | None) -> Path:
    """Where the journal is kept: beside the settings, unless they say otherwise."""
    if chosen.data_dir:
        return Path(chosen.data_dir).expanduser()
    return file.parent if file else folder.default_folder(chosen.cluster)
