"""`flotilla explain`: why a template is in these clusters and not in those, which policies it follows, what is late."""

import argparse

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj

from ..answers.explanation import Explanation
from ..client import Client
from . import connection
from .explanation_text import text_lines
from .output import text_of

__all__ = ["add_arguments", "run"]

PATH = "/flotilla/v1/explain"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("type", metavar="KIND/NAME", help="a template: deploy/web, configmap/flags, release/podinfo")
    parser.add_argument("name", metavar="NAME", nargs="?", default="")
    connection.add_namespace(parser)
    parser.add_argument("-o", "--output", choices=("json", "yaml"), default="", help="all of it, with every digest")
    connection.add_flags(parser)


async def run(args: argparse.Namespace) -> int:
    word, _, name = args.type.partition("/")
    name = name or args.name
    if not name:
        raise Terminal("name what to explain: `flotilla explain KIND/NAME`")
    async with connection.hub(args) as hub:
        answer = await _ask(hub, word, name)
    print(text_of(answer, args.output) if args.output else "\n".join(text_lines(Explanation.model_validate(answer))))
    return 0


async def _ask(hub: Client, word: str, name: str) -> Obj:
    served = await hub.find(word)
    if len(served) > 1:
        raise Terminal(f"{word!r} stands for {len(served)} types; name one of: {', '.join(s.plural for s in served)}")
    gvk, namespace = served[0].gvk, hub.access.namespace if served[0].namespaced else ""
    params = {"apiVersion": gvk.api_version, "kind": gvk.kind, "name": name, "namespace": namespace}
    answer: Obj = await hub.call("GET", PATH, params=params)
    return answer
