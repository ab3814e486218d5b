"""`flotilla delete`: remove objects from the hub; what they put into the clusters goes with them."""

import argparse

from flotilla_common.errors import NotFound, Terminal
from flotilla_common.objects import name_of, namespace_of

from ..client import Client, Served, manifests
from . import connection
from .output import note

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("type", metavar="TYPE[/NAME]", nargs="?", default="")
    parser.add_argument("names", metavar="NAME", nargs="*")
    parser.add_argument(
        "-f", "--filename", metavar="FILE", action="append", default=[], help="delete what these files name"
    )
    parser.add_argument("-R", "--recursive", action="store_true", help="also the folders below")
    parser.add_argument("--ignore-not-found", action="store_true")
    connection.add_namespace(parser)
    connection.add_flags(parser)


async def run(args: argparse.Namespace) -> int:
    """Every object is tried; 1 when any failed."""
    async with connection.hub(args) as hub:
        missing = 0
        for served, name, namespace in await _wanted(hub, args):
            try:
                await hub.delete(served, name, namespace)
                print(f'{served.label("")[:-1]} "{name}" deleted')
            except NotFound as err:
                missing += not args.ignore_not_found
                if not args.ignore_not_found:
                    note(f"error: {err}")
    return 1 if missing else 0


async def _wanted(hub: Client, args: argparse.Namespace) -> list[tuple[Served, str, str]]:
    if args.filename:
        # Last first, so that what was applied on top of something goes before it.
        found = reversed(manifests.load(args.filename, recursive=args.recursive))
        return [(await hub.served(m), name_of(m), namespace_of(m)) for m in found]
    word, _, name = args.type.partition("/")
    names = [*([name] if name else []), *args.names]
    if not word or not names:
        raise Terminal("name what to delete: `flotilla delete TYPE NAME`, `flotilla delete TYPE/NAME` or -f FILE")
    served = await hub.find(word)
    if len(served) > 1:
        raise Terminal(f"{word!r} stands for {len(served)} types; name one of: {', '.join(s.plural for s in served)}")
    return [(served[0], name, "") for name in names]
