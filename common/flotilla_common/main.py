"""The `flotilla` command: finds the module of a verb by name and hands over. It imports neither side itself."""

import argparse
import asyncio
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType

from .errors import FlotillaError, leaves

__all__ = ["main"]

SIDES: Mapping[str, str] = {"agent": "flotilla_agent.cli"}
"""First words that lead to a command table of their own; every other verb is in the hub's."""
DEFAULT_SIDE = "flotilla_hub.cli"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 fine, 1 it failed and said why, 2 the command line is wrong, 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        return _tell_version()
    side = SIDES.get(words[0]) if words else None
    commands: Mapping[str, tuple[str, str]] = importlib.import_module(side or DEFAULT_SIDE).COMMANDS
    program = f"flotilla {words.pop(0)}" if side else "flotilla"
    parser = _parser(program, commands, words)
    given = parser.parse_args(words)
    try:
        code = int(_run(importlib.import_module(commands[given.verb][0]), given) or 0)
    except* FlotillaError as failed:
        for err in leaves(failed):
            print(f"error: {err}", file=sys.stderr)  # noqa: T201
        code = 1
    except* KeyboardInterrupt:
        code = 130
    except* BrokenPipeError:
        # Who read us has what it wanted. Python writes once more as it ends, and must not fail then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    return code


def _tell_version() -> int:
    # Reading metadata takes longer than all else here.
    from importlib.metadata import version

    print(f"flotilla {version('flotilla')}")  # noqa: T201
    return 0


def _run(module: ModuleType, given: argparse.Namespace) -> int | None:
    result = module.run(given)
    code: int | None = asyncio.run(result) if asyncio.iscoroutine(result) else result
    return code


def _parser(program: str, commands: Mapping[str, tuple[str, str]], words: list[str]) -> argparse.ArgumentParser:
    """Only the verb that was asked for is imported: `flotilla --help` costs no more than this file."""
    parser = argparse.ArgumentParser(prog=program, description="Run Kubernetes applications over many clusters as one.")
    parser.add_argument("--version", action="store_true", help="print the version and exit; alone, before any verb")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    asked = next((word for word in words if not word.startswith("-")), None)
    for verb, (module, summary) in commands.items():
        sub = verbs.add_parser(verb, help=summary, description=summary)
        if verb == asked:
            importlib.import_module(module).add_arguments(sub)
    return parser


if __name__ == "__main__":
    sys.exit(main())
