"""`flotilla hub serve`: read the settings and run the hub."""

import argparse
from pathlib import Path

import uvloop

from flotilla_common import logs, private_files, settings
from flotilla_common.runtime import descriptors

from ..settings import HubSettings

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", type=Path, default=None, help="YAML file with these settings")
    settings.add_flags(parser, HubSettings)


def run(args: argparse.Namespace) -> int:
    # Only a hub pays for importing one.
    from .. import garbage
    from ..app import serve

    garbage.look_seldom()
    chosen = settings.load(HubSettings, vars(args), file=args.config)
    logs.set_up(chosen.log_level)
    descriptors.allow_all()
    private_files.make_folder(Path(chosen.data_dir), "--data-dir")
    uvloop.run(serve(chosen))
    return 0
