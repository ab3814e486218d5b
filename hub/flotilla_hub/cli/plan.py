"""`flotilla plan`: what applying files, or deleting objects, would do in every cluster. Nothing is stored.

Exit codes: 0 nothing would change, 1 something would, 2 the question could not be answered.
"""

import argparse
from pathlib import Path

from flotilla_common.errors import FlotillaError, Terminal
from flotilla_common.objects import Obj

from ..answers.plan import Plan
from ..client import Client, manifests
from . import connection
from .output import note, text_of
from .plan_text import text_lines

__all__ = ["add_arguments", "run"]

PATH = "/flotilla/v1/plan"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "exit codes: 0 nothing would change, 1 something would, 2 or more the question could not be answered"
    )
    parser.add_argument(
        "-f",
        "--filename",
        metavar="FILE",
        action="extend",
        nargs="+",
        default=[],
        help="as if applied: a file or folder; - is standard input",
    )
    parser.add_argument(
        "--delete",
        metavar="FILE|KIND/NAME",
        action="extend",
        nargs="+",
        default=[],
        help="as if deleted: one object, or those a file names",
    )
    parser.add_argument("-R", "--recursive", action="store_true", help="also the folders below")
    connection.add_namespace(parser)
    parser.add_argument(
        "-o", "--output", choices=("json", "yaml"), default="", help="all of it, every cluster by itself"
    )
    connection.add_flags(parser)


async def run(args: argparse.Namespace) -> int:
    try:
        return await _run(args)
    except FlotillaError as err:
        # 1 says that something would change, so what went wrong must not.
        note(f"error: {err}")
        return 2


async def _run(args: argparse.Namespace) -> int:
    applied = manifests.load(args.filename, recursive=args.recursive)
    async with connection.hub(args) as hub:
        deleted = [obj for word in args.delete for obj in await _deleted(hub, word, args.recursive)]
        if not applied and not deleted:
            raise Terminal("say what to look at: -f FILE as if applied, --delete KIND/NAME as if deleted")
        question = {"apply": applied, "delete": deleted, "namespace": hub.access.namespace}
        answer: Obj = await hub.call("POST", PATH, question)
    plan = Plan.model_validate(answer)
    print(text_of(answer, args.output) if args.output else "\n".join(text_lines(plan)))
    for warning in plan.warnings:
        note(f"warning: {warning}")
    return 1 if plan.changes_anything else 0


async def _deleted(hub: Client, word: str, recursive: bool) -> list[Obj]:
    """What `word` names: the objects in a file or folder of that name, else one object."""
    if _is_file(word):
        return manifests.load([word], recursive=recursive)
    kind, _, name = word.partition("/")
    if not name:
        raise Terminal(f"--delete {word!r} is no file; name an object as KIND/NAME")
    served = (await hub.find(kind))[0]
    return [{"apiVersion": served.gvk.api_version, "kind": served.gvk.kind, "metadata": {"name": name}}]


def _is_file(word: str) -> bool:
    return word == "-" or Path(word).exists()
