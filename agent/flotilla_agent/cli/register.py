"""`flotilla register`: make this machine the agent of a cluster of a hub (Pull). It needs nothing but the token."""

import argparse
import sys
from pathlib import Path

from flotilla_common.join_token import JoinToken
from flotilla_common.label_flags import parse_labels

from ..link.register import register
from . import folder

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--token", required=True, help="as `flotilla token create` printed it")
    parser.add_argument("--name", required=True, help="of the cluster on the hub: a DNS label of at most 48 characters")
    parser.add_argument(
        "--dir",
        metavar="DIR",
        type=Path,
        default=None,
        help="for settings and keys; ~/.flotilla/agents/NAME by default",
    )
    parser.add_argument(
        "--labels", metavar="KEY=VALUE,...", default="", help="labels of the cluster, for policies to select"
    )
    parser.add_argument("--cluster-provider", metavar="NAME", default="")
    parser.add_argument("--cluster-region", metavar="NAME", default="")
    parser.add_argument("--cluster-zones", metavar="NAMES", default="", help="separated by commas")


async def run(args: argparse.Namespace) -> int:
    token, about = JoinToken.parse(args.token), _about(args)
    where = args.dir or folder.default_folder(args.name)
    registration = await register(token, args.name, folder.kept_seed(where), about)
    folder.write(where, registration)
    print(f"cluster({registration.cluster}) is registered; its settings are in {where}")
    print(
        f"► start its agent here with  flotilla agent run --config {where}\n"
        f"  or inside the cluster with  flotilla agent manifests --config {where} | kubectl apply -f -",
        file=sys.stderr,
    )
    return 0


def _about(args: argparse.Namespace) -> dict[str, object]:
    about: dict[str, object] = {}
    if args.labels:
        about["labels"] = parse_labels(args.labels, "--labels")
    if args.cluster_zones:
        about["zones"] = args.cluster_zones.split(",")
    given = {"provider": args.cluster_provider, "region": args.cluster_region}
    return {**about, **{word: value for word, value in given.items() if value}}
