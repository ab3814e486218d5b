"""`flotilla rollout resume`: the next wave goes out once the one before is healthy, and the deadline starts anew."""

import argparse

from . import rolled
from .rolled import add_arguments

__all__ = ["add_arguments", "run"]


async def run(args: argparse.Namespace) -> int:
    async with rolled.rolled(args) as one:
        await one.set_paused(None)
        print(f"{one.label} resumed")
    return 0
