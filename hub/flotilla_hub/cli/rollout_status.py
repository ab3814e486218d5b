"""`flotilla rollout status`: how far a change has come, until every cluster has it or the deadline has passed."""

import argparse
import asyncio
from contextlib import aclosing

from flotilla_common.conditions import find
from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj, meta_of, namespace_of

from ..strategies.rolling_update import CONDITION, RECORD
from . import rolled
from .rolled import Rolled

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    rolled.add_arguments(parser)
    parser.add_argument("--once", action="store_true", help="say it and end; by default it waits for the end")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, default=None, help="how long to wait at most")


async def run(args: argparse.Namespace) -> int:
    async with rolled.rolled(args) as one:
        if args.once:
            print(_text(await one.binding(), one))
            return 0
        try:
            async with asyncio.timeout(args.timeout):
                return await _follow(one)
        except TimeoutError as err:
            raise Terminal(f"the rollout of {one.label} is not done after {args.timeout:g} seconds") from err


async def _follow(one: Rolled) -> int:
    """0 when it is complete, 1 when it made no progress for too long."""
    binding = await one.binding()
    said = ""
    while True:
        text, reason = _text(binding, one), _reason(binding, one)
        if text != said:
            print(text, flush=True)
        if reason in ("RolloutComplete", "ProgressDeadlineExceeded"):
            return int(reason != "RolloutComplete")
        binding, said = await _next(one, binding), text


async def _next(one: Rolled, binding: Obj) -> Obj:
    """The binding, when it has changed."""
    params = {"fieldSelector": f"metadata.name={one.binding_name}"}
    since = str(meta_of(binding)["resourceVersion"])
    async with aclosing(one.hub.watch(one.bindings, namespace_of(binding), since, params=params)) as events:
        async for type_, obj in events:
            if type_ == "DELETED":
                raise Terminal(f"{one.label} is no longer propagated")
            return obj
    return await one.binding()  # the server ended the watch


def _reason(binding: Obj, one: Rolled) -> str:
    """Empty while the hub has not said anything about this version of the template."""
    status = binding.get("status") or {}
    condition = find(status.get("conditions"), CONDITION)
    seen = int((status.get(RECORD) or {}).get("generation") or 0)
    if condition is None or seen < int(meta_of(one.template).get("generation") or 0):
        return ""
    return str(condition["reason"])


def _text(binding: Obj, one: Rolled) -> str:
    if not (reason := _reason(binding, one)):
        return f"{one.label}: the hub has not begun to roll it out yet"
    condition = find(binding["status"]["conditions"], CONDITION) or {}
    return f"{one.label}: {reason}: {condition.get('message', '')}"
