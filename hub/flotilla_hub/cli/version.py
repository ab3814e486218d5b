"""`flotilla version`: of this program, and of the hub when one answers."""

import argparse
from importlib.metadata import version

from flotilla_common.errors import FlotillaError

from . import connection

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    connection.add_flags(parser)


async def run(args: argparse.Namespace) -> int:
    print(f"client: {version('flotilla')}")
    try:
        async with connection.hub(args) as hub:
            print(f"hub: {(await hub.call('GET', '/version'))['gitVersion']}")
    except FlotillaError as err:
        print(f"hub: {err}")
    return 0
