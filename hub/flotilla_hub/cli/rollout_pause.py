"""`flotilla rollout pause`: no further cluster is given the change; those that have it keep it."""

import argparse

from . import rolled
from .rolled import add_arguments

__all__ = ["add_arguments", "run"]


async def run(args: argparse.Namespace) -> int:
    async with rolled.rolled(args) as one:
        await one.set_paused("true")
        print(f"{one.label} paused")
    return 0
