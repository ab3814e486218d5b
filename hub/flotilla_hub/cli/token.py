"""`flotilla token`: make, list and delete the tokens clusters register with."""

import argparse
import re
import time
from datetime import UTC, datetime, timedelta

from flotilla_common.errors import NotFound, Terminal
from flotilla_common.join_token import JoinToken, pin_of
from flotilla_common.objects import name_of

from .. import tokens
from ..client import Client
from ..names import SYSTEM_NAMESPACE
from . import connection
from .output import aligned, note

__all__ = ["add_arguments", "run"]

SECRET = {"apiVersion": "v1", "kind": "Secret"}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="token_verb", metavar="VERB", required=True)
    create = verbs.add_parser("create", help="print a new token")
    create.add_argument(
        "--ttl", metavar="TIME", default="24h", help="how long it is valid, as in 30m or 24h; 0 for ever"
    )
    create.add_argument("--description", metavar="TEXT", default="")
    create.add_argument(
        "--server", metavar="URL", default="", help="of the hub as clusters see it; by default as you do"
    )
    create.add_argument("--print-register-command", action="store_true", help="print the whole command for the cluster")
    connection.add_flags(create)
    connection.add_flags(verbs.add_parser("list", help="the tokens there are, without their secrets"))
    delete = verbs.add_parser("delete", help="make tokens invalid")
    delete.add_argument("tokens", metavar="TOKEN", nargs="+", help="its id, or the whole token")
    connection.add_flags(delete)


async def run(args: argparse.Namespace) -> int:
    async with connection.hub(args) as hub:
        match args.token_verb:
            case "create":
                return await _create(hub, args)
            case "list":
                return await _list(hub)
            case _:
                return await _delete(hub, args.tokens)


async def _create(hub: Client, args: argparse.Namespace) -> int:
    ttl, now = _duration(args.ttl), _timestamp()
    if not hub.access.ca:
        raise Terminal(
            "the hub's kubeconfig holds no certificate authority, which a token has to name; use the hub's own"
        )
    token = tokens.new_token((args.server or hub.access.server,), pin_of(hub.access.ca))
    await ensure_namespace(hub, SYSTEM_NAMESPACE)
    await hub.create(tokens.secret_for(token, now, ttl, args.description))
    print(f"flotilla register --token {token} --name <NAME>" if args.print_register_command else token)
    note(f"valid {'for ever' if ttl is None else f'for {args.ttl}'}; `flotilla token delete {token.id}` ends it")
    return 0


async def _list(hub: Client) -> int:
    secrets = await hub.list(await hub.served(SECRET), SYSTEM_NAMESPACE)
    rows = [
        [
            tokens.read(s, "id"),
            _left(tokens.expires(s)),
            tokens.expires(s) or "<never>",
            tokens.read(s, "description") or "<none>",
        ]
        for s in sorted(secrets["items"], key=name_of)
        if s.get("type") == tokens.TYPE
    ]
    print("\n".join(aligned([["TOKEN", "TTL", "EXPIRES", "DESCRIPTION"], *rows])))
    return 0


async def _delete(hub: Client, given: list[str]) -> int:
    missing = 0
    for text in given:
        token_id = JoinToken.parse(text).id if "." in text else text
        try:
            await hub.delete(await hub.served(SECRET), tokens.secret_name(token_id), SYSTEM_NAMESPACE)
            print(f'bootstrap token "{token_id}" deleted')
        except NotFound:
            missing += 1
            note(f"error: there is no token {token_id!r}; `flotilla token list` shows those there are")
    return 1 if missing else 0


async def ensure_namespace(hub: Client, name: str) -> None:
    """The hub's own namespaces are made by whoever needs them first."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    try:
        await hub.get(await hub.served(namespace), name)
    except NotFound:
        await hub.create({**namespace, "metadata": {"name": name, "labels": {"karmada.io/system": "true"}}})


def _duration(text: str) -> timedelta | None:
    """`30m`, `24h`, `1h30m`; None for 0."""
    if text == "0":
        return None
    parts = re.findall(r"(\d+)([smhd])", text)
    if not parts or "".join(n + u for n, u in parts) != text:
        raise Terminal(f"--ttl {text!r} is no length of time; write it as 30m, 24h or 1h30m, or 0 for ever")
    return timedelta(seconds=sum(int(n) * _UNITS[u] for n, u in parts))


def _left(end: str) -> str:
    """How long a token is still valid, in the largest unit that fits."""
    if not end:
        return "<forever>"
    seconds = int((datetime.fromisoformat(end) - datetime.fromtimestamp(time.time(), UTC)).total_seconds())
    if seconds <= 0:
        return "<expired>"
    unit = next((u for u in "dhm" if seconds >= 2 * _UNITS[u]), "s")
    return f"{seconds // _UNITS[unit]}{unit}"


def _timestamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
