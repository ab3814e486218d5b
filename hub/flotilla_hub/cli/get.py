"""`flotilla get`: objects of the hub in the server's own columns, or whole."""

import argparse
from collections.abc import AsyncGenerator
from contextlib import aclosing

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj, name_of

from ..client import Client, Served
from ..client.api import JSON, TABLE
from . import connection
from .output import Columns, aligned, note, text_of

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "type", metavar="TYPE[,TYPE...][/NAME]", help="as kubectl takes it: clusters, deploy, rb, karmada-io"
    )
    parser.add_argument("names", metavar="NAME", nargs="*", default=[])
    connection.add_namespace(parser)
    parser.add_argument("-A", "--all-namespaces", action="store_true")
    parser.add_argument("-o", "--output", choices=("wide", "json", "yaml", "name"), default="")
    parser.add_argument("-l", "--selector", metavar="LABELS", default="", help="only objects with these labels")
    parser.add_argument("-w", "--watch", action="store_true", help="go on with every change until Ctrl-C")
    parser.add_argument("--no-headers", action="store_true")
    connection.add_flags(parser)


async def run(args: argparse.Namespace) -> int:
    words, _, name = args.type.partition("/")
    args.names = [name, *args.names] if name else args.names
    if args.watch and len(args.names) > 1:
        raise Terminal("--watch follows one object or all of a type; name one, or select them with --selector")
    async with connection.hub(args) as hub:
        kinds = [served for word in words.split(",") for served in await hub.find(word)]
        if len(kinds) > 1 and (args.names or args.watch):
            raise Terminal(
                f"{words!r} stands for {len(kinds)} types; name one of: {', '.join(k.plural for k in kinds)}"
            )
        found = False
        for served in kinds:
            found = await _show(hub, served, args, several=len(kinds) > 1, gap=found) or found
        if not found:
            where = "" if args.all_namespaces or not kinds[0].namespaced else f" in {hub.access.namespace} namespace"
            note(f"No resources found{where}.")
    return 0


async def _show(hub: Client, served: Served, args: argparse.Namespace, *, several: bool, gap: bool) -> bool:
    """Whether there was anything to show."""
    accept = JSON if args.output in ("json", "yaml", "name") else TABLE
    answer = await _read(hub, served, args, accept)
    if accept == JSON:
        found = _print_whole(answer, served, args.output)
        if args.watch:
            await _watch_whole(hub, served, args, answer)
        return found
    columns = Columns(answer["columnDefinitions"], wide=args.output == "wide", namespace=_shows_namespace(served, args))
    rows = columns.rows(answer, served.label("") if several else "")
    if rows and gap:
        print()
    if rows:
        print("\n".join(aligned(rows if args.no_headers else [columns.header(), *rows])), flush=True)
    if args.watch:
        await _watch_table(hub, served, args, columns, answer)
    return bool(rows)


async def _read(hub: Client, served: Served, args: argparse.Namespace, accept: str) -> Obj:
    if args.names:
        return _together([await hub.get(served, name, accept=accept) for name in args.names])
    return await hub.list(served, _namespace(hub, args), accept=accept, params=_params(args))


def _together(answers: list[Obj]) -> Obj:
    """Several answers as one: a Table of all rows, or a List of the objects."""
    if len(answers) == 1:
        return answers[0]
    if "columnDefinitions" in answers[0]:
        return {**answers[0], "rows": [row for answer in answers for row in answer["rows"]]}
    return {"apiVersion": "v1", "kind": "List", "items": answers}


def _print_whole(answer: Obj, served: Served, form: str) -> bool:
    items = answer.get("items") if answer.get("kind", "").endswith("List") else [answer]
    if form == "name":
        for item in items or ():
            print(served.label(name_of(item)))
    else:
        print(text_of(answer, form))
    # An empty list printed as JSON is an answer; an empty list of names is none.
    return form != "name" or bool(items)


async def _watch_table(hub: Client, served: Served, args: argparse.Namespace, columns: Columns, answer: Obj) -> None:
    async with aclosing(_changes(hub, served, args, TABLE, answer)) as events:
        async for _, table in events:
            for line in aligned(columns.rows(table)):
                print(line, flush=True)


async def _watch_whole(hub: Client, served: Served, args: argparse.Namespace, answer: Obj) -> None:
    async with aclosing(_changes(hub, served, args, JSON, answer)) as events:
        async for _, obj in events:
            if args.output == "yaml":
                print("---")
            _print_whole(obj, served, args.output)


def _changes(
    hub: Client, served: Served, args: argparse.Namespace, accept: str, answer: Obj
) -> AsyncGenerator[tuple[str, Obj], None]:
    params = {"fieldSelector": f"metadata.name={args.names[0]}"} if args.names else _params(args)
    since = (answer.get("metadata") or {}).get("resourceVersion", "")
    return hub.watch(served, _namespace(hub, args), since, accept=accept, params=params)


def _namespace(hub: Client, args: argparse.Namespace) -> str:
    return "" if args.all_namespaces else hub.access.namespace


def _params(args: argparse.Namespace) -> dict[str, str]:
    return {"labelSelector": args.selector} if args.selector else {}


def _shows_namespace(served: Served, args: argparse.Namespace) -> bool:
    return bool(args.all_namespaces and served.namespaced)
