"""`flotilla rollout undo`: writes an earlier version over the template, which is then rolled out like any change."""

import argparse

from flotilla_common.objects import annotations_of

from ..strategies.history import restored
from ..strategies.rolling_update import PAUSED
from . import rolled
from .output import note

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    rolled.add_arguments(parser)
    parser.add_argument(
        "--to-revision",
        metavar="N",
        type=int,
        default=0,
        help="as `flotilla rollout history` counts them; by default the one before",
    )


async def run(args: argparse.Namespace) -> int:
    """Raises Conflict when somebody else changed the template meanwhile."""
    async with rolled.rolled(args) as one:
        revisions = await one.revisions()
        await one.hub.replace(restored(one.template, revisions, args.to_revision))
        print(f"{one.label} rolled back")
        if annotations_of(await one.binding()).get(PAUSED) == "true":
            note(f"its rollout is paused; `flotilla rollout resume {one.label}` lets it go on")
    return 0
