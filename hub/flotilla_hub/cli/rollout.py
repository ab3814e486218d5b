"""`flotilla rollout`: the verbs of a RollingUpdate over the clusters (docs/strategies.md)."""

import argparse

from . import rollout_history, rollout_pause, rollout_resume, rollout_status, rollout_undo

__all__ = ["add_arguments", "run"]

VERBS = {
    "status": (rollout_status, "say how far it is, and wait until it is done"),
    "pause": (rollout_pause, "give the change to no further cluster"),
    "resume": (rollout_resume, "go on after a pause"),
    "undo": (rollout_undo, "bring the version before back, or any on record"),
    "history": (rollout_history, "list the versions on record"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="rollout_verb", metavar="VERB", required=True)
    for verb, (module, summary) in VERBS.items():
        module.add_arguments(verbs.add_parser(verb, help=summary, description=summary))


def run(args: argparse.Namespace) -> object:
    return VERBS[args.rollout_verb][0].run(args)
