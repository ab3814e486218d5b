"""`flotilla apply -f`: bring objects on the hub to what files say, as `kubectl apply` does."""

import argparse
import asyncio

from flotilla_common.errors import FlotillaError, Terminal
from flotilla_common.objects import Obj, name_of

from ..client import Client, manifests
from . import connection
from .output import note

__all__ = ["CRD_PATIENCE", "add_arguments", "apply_in_order", "run"]

CRD_PATIENCE = 10.0
"""Seconds a kind may take to be served after its definition was applied in the same call."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-f", "--filename", metavar="FILE", action="append", required=True, help="file or folder; - is standard input"
    )
    parser.add_argument("-R", "--recursive", action="store_true", help="also the folders below")
    parser.add_argument("--dry-run", action="store_true", help="ask the hub, but change nothing")
    connection.add_namespace(parser)
    connection.add_flags(parser)


async def run(args: argparse.Namespace) -> int:
    """Every object is tried; 1 when any failed."""
    wanted = manifests.load(args.filename, recursive=args.recursive)
    if not wanted:
        raise Terminal(f"no objects in {', '.join(args.filename)}")
    if nameless := next((m for m in wanted if not name_of(m)), None):
        raise Terminal(
            f"cannot apply {nameless['kind']} {nameless['metadata']['generateName']}: apply needs a metadata.name to "
            "find it again; use `kubectl create` for generateName"
        )
    failed = 0
    async with connection.hub(args) as hub:
        for manifest in wanted:
            try:
                outcome = await apply_in_order(hub, manifest, wanted, dry_run=args.dry_run)
            except Terminal as err:
                failed += 1
                note(f"error: {manifest['kind']} {name_of(manifest)}: {err}")
                continue
            print(outcome + (" (dry run)" if args.dry_run else ""))
    return 1 if failed else 0


async def apply_in_order(hub: Client, manifest: Obj, together: list[Obj], *, dry_run: bool = False) -> str:
    """Apply one of several: its kind may be defined by one of the others, which takes a moment to be served."""
    patient = any(_defines(other, manifest) for other in together)
    async with asyncio.timeout(CRD_PATIENCE if patient else None):
        while True:
            try:
                served = await hub.served(manifest)
                break
            except FlotillaError:
                if not patient:
                    raise
                await asyncio.sleep(0.1)
    outcome = await hub.apply(manifest, dry_run=dry_run)
    return f"{served.label(name_of(manifest))} {outcome}"


def _defines(crd: Obj, manifest: Obj) -> bool:
    spec = crd.get("spec") or {}
    return bool(
        crd.get("kind") == "CustomResourceDefinition"
        and (spec.get("names") or {}).get("kind") == manifest.get("kind")
        and spec.get("group") == manifest.get("apiVersion", "").partition("/")[0]
    )
