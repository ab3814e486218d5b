"""`flotilla rollout history`: the versions that were rolled out and are still on record, the newest last."""

import argparse

from flotilla_common.objects import meta_of, name_of

from . import rolled
from .output import aligned, note
from .rolled import add_arguments

__all__ = ["add_arguments", "run"]


async def run(args: argparse.Namespace) -> int:
    async with rolled.rolled(args) as one:
        revisions = await one.revisions()
    rows = [[str(r.get("revision")), name_of(r), meta_of(r).get("creationTimestamp", "")] for r in revisions]
    if rows:
        print("\n".join(aligned([["REVISION", "NAME", "SINCE"], *rows])))
    else:
        note(f"there is no version of {one.label} on record: Secrets have none, and others get one with their Works")
    return 0
