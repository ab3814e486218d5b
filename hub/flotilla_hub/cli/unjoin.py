"""`flotilla unjoin`: remove a cluster from the hub, and from it what the hub put there while it can be reached."""

import argparse
import asyncio
from contextlib import aclosing, suppress

from flotilla_common.errors import NotFound, Terminal, Unavailable
from flotilla_common.objects import Obj, meta_of, name_of

from ..client import Client, Served
from ..names import CREDENTIALS_NAMESPACE
from . import connection
from .join import CLUSTER
from .output import note
from .token import SECRET

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--wait", metavar="SECONDS", type=float, default=60.0, help="how long to wait until it is gone")
    parser.add_argument("--dry-run", action="store_true", help="only look whether it is there")
    connection.add_flags(parser)


async def run(args: argparse.Namespace) -> int:
    async with connection.hub(args) as hub:
        clusters = await hub.served(CLUSTER)
        cluster = await _get(hub, clusters, args.name)
        if cluster is None:
            raise Terminal(f"no cluster object {args.name} found; `flotilla get clusters` lists those there are")
        if not args.dry_run:
            await hub.delete(clusters, args.name)
            note(f"► waiting until {args.name} has given back what the hub put there")
            await _wait(hub, clusters, cluster, args.wait)
            await _forget_credentials(hub, cluster)
    print(f"cluster({args.name}) is unjoined successfully" + (" (dry run)" if args.dry_run else ""))
    if (cluster.get("spec") or {}).get("syncMode") == "Pull":
        note("► its agent can be stopped now; its settings folder is of no more use")
    return 0


async def _get(hub: Client, clusters: Served, name: str) -> Obj | None:
    try:
        return await hub.get(clusters, name)
    except NotFound:
        return None


async def _wait(hub: Client, clusters: Served, cluster: Obj, seconds: float) -> None:
    """Until the deletion of `cluster` shows in a watch."""
    name, since = name_of(cluster), meta_of(cluster)["resourceVersion"]
    only = {"fieldSelector": f"metadata.name={name}"}
    try:
        async with asyncio.timeout(seconds), aclosing(hub.watch(clusters, "", since, params=only)) as changes:
            async for kind, _ in changes:
                if kind == "DELETED":
                    return
    except TimeoutError as err:
        raise Terminal(
            f"cluster({name}) is being removed, but was still there after {seconds:g} s: `flotilla get clusters {name} "
            "-o yaml` shows the finalizers that hold it"
        ) from err
    raise Unavailable(
        f"the hub went away while cluster({name}) was being removed; `flotilla get clusters` tells the rest"
    )


async def _forget_credentials(hub: Client, cluster: Obj) -> None:
    """Only those `join` made: a Secret of the user's own, wherever it is, stays."""
    reference = (cluster.get("spec") or {}).get("secretRef") or {}
    if reference == {"namespace": CREDENTIALS_NAMESPACE, "name": f"{cluster['metadata']['name']}-kubeconfig"}:
        with suppress(NotFound):
            await hub.delete(await hub.served(SECRET), reference["name"], CREDENTIALS_NAMESPACE)
