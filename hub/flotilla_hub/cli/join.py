"""`flotilla join`: add a cluster that the hub reaches itself (Push), with a kubeconfig that the hub keeps."""

import argparse
import base64
from pathlib import Path

from flotilla_common.errors import FlotillaError, NotFound, Terminal
from flotilla_common.label_flags import parse_labels
from flotilla_common.objects import Obj, encode, meta_of, name_of

from ..client import Access, Client, connect, kubeconfig
from ..names import CREDENTIALS_NAMESPACE
from . import connection
from .output import note
from .token import ensure_namespace

__all__ = ["add_arguments", "run"]

CLUSTER = {"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster"}
SIMULATED = "memory://"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="of the cluster, at most 48 characters")
    parser.add_argument("--cluster-kubeconfig", metavar="FILE", default="", help="how to reach the cluster")
    parser.add_argument(
        "--cluster-context", metavar="NAME", default="", help="context in it; by default its current one"
    )
    parser.add_argument("--cluster-endpoint", metavar="URL", default="", help="memory://NAME for a simulated cluster")
    parser.add_argument("--cluster-provider", metavar="NAME", default="")
    parser.add_argument("--cluster-region", metavar="NAME", default="")
    parser.add_argument("--cluster-zones", metavar="NAMES", default="", help="separated by commas")
    parser.add_argument(
        "--labels", metavar="KEY=VALUE,...", default="", help="labels of the cluster, for policies to select"
    )
    parser.add_argument("--dry-run", action="store_true", help="check everything, but change nothing on the hub")
    connection.add_flags(parser)


async def run(args: argparse.Namespace) -> int:
    parse_labels(args.labels, "--labels")
    member = await _member(args)
    async with connection.hub(args) as hub:
        cluster = _cluster(args, member)
        await _refuse_duplicates(hub, cluster)
        if not args.dry_run:
            await ensure_namespace(hub, CREDENTIALS_NAMESPACE)
            if member.secret is not None:
                await hub.apply(member.secret)
            await hub.create(cluster)
    print(f"cluster({args.name}) is joined successfully" + (" (dry run)" if args.dry_run else ""))
    note(f"► `flotilla get clusters {args.name}` says when it is ready")
    return 0


class _Member:
    """What was found out about the cluster: where it is, who it is, and the Secret that lets the hub in."""

    def __init__(self, endpoint: str, id: str = "", secret: Obj | None = None, insecure: bool = False) -> None:
        self.endpoint, self.id, self.secret, self.insecure = endpoint, id, secret, insecure


async def _member(args: argparse.Namespace) -> _Member:
    """Raises Terminal or Unavailable when the cluster cannot be used."""
    if args.cluster_endpoint:
        if not args.cluster_endpoint.startswith(SIMULATED):
            raise Terminal(
                f"--cluster-endpoint is for {SIMULATED}NAME; a real cluster is joined with --cluster-kubeconfig FILE"
            )
        return _Member(args.cluster_endpoint)
    if not args.cluster_kubeconfig:
        raise Terminal("say how the hub reaches the cluster: --cluster-kubeconfig FILE")
    config = kubeconfig.read(Path(args.cluster_kubeconfig), args.cluster_context)
    access = Access.of(config)
    async with connect(access) as member:
        version, id = await _identify(member, args.cluster_kubeconfig)
    note(f"► {access.server} answers: Kubernetes {version}")
    return _Member(access.server, id, _secret(args.name, config), not access.verify)


async def _identify(member: Client, where: str) -> tuple[str, str]:
    """(version, id): the id is the uid of namespace kube-system, which no two clusters share."""
    try:
        version = await member.call("GET", "/version")
        namespace = await member.call("GET", "/api/v1/namespaces/kube-system")
    except FlotillaError as err:
        raise type(err)(f"the cluster in {where} was not joined: {err}") from err
    return version["gitVersion"], meta_of(namespace)["uid"]


def _secret(name: str, config: Obj) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": f"{name}-kubeconfig", "namespace": CREDENTIALS_NAMESPACE},
        "data": {"kubeconfig": base64.b64encode(encode(config)).decode()},
    }


def _cluster(args: argparse.Namespace, member: _Member) -> Obj:
    spec: Obj = {"syncMode": "Push", "apiEndpoint": member.endpoint}
    if member.id:
        spec["id"] = member.id
    if member.secret is not None:
        spec["secretRef"] = {"namespace": CREDENTIALS_NAMESPACE, "name": name_of(member.secret)}
    if member.insecure:
        spec["insecureSkipTLSVerification"] = True
    for word in ("provider", "region"):
        if value := getattr(args, f"cluster_{word}"):
            spec[word] = value
    if args.cluster_zones:
        spec["zones"] = args.cluster_zones.split(",")
    metadata: Obj = {"name": args.name}
    if labels := parse_labels(args.labels, "--labels"):
        metadata["labels"] = labels
    return {**CLUSTER, "metadata": metadata, "spec": spec}


async def _refuse_duplicates(hub: Client, cluster: Obj) -> None:
    """Before anything is written: neither the name nor the cluster itself may be on the hub already."""
    served = await hub.served(CLUSTER)
    try:
        await hub.get(served, name_of(cluster))
    except NotFound:
        pass
    else:
        raise Terminal(
            f"cluster({name_of(cluster)}) is already joined; `flotilla unjoin {name_of(cluster)}` removes it"
        )
    id = cluster["spec"].get("id")
    for other in (await hub.list(served))["items"]:
        if id and (other.get("spec") or {}).get("id") == id:
            raise Terminal(
                f"this cluster is already on the hub, as {name_of(other)!r}; its kube-system namespace has uid {id}"
            )
