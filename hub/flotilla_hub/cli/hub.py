"""`flotilla hub`: the verbs of whoever runs a hub."""

import argparse

from . import hub_kubeconfig, hub_serve, token

__all__ = ["add_arguments", "run"]

VERBS = {
    "serve": (hub_serve, "run the hub until it is stopped"),
    "kubeconfig": (hub_kubeconfig, "print the administrator's kubeconfig"),
    "token": (token, "make, list and delete the tokens clusters register with"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="hub_verb", metavar="VERB", required=True)
    for verb, (module, summary) in VERBS.items():
        module.add_arguments(verbs.add_parser(verb, help=summary, description=summary))


def run(args: argparse.Namespace) -> object:
    return VERBS[args.hub_verb][0].run(args)
