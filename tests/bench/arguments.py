"""What `python -m tests.bench` may be told, and the options that come of it."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .options import Against, Options
from .table import BENCHMARKS, Benchmark

__all__ = ["Arguments", "Run", "read"]

Run = tuple[Benchmark, bool]
"""A benchmark, and whether its members are real."""


@dataclass(frozen=True)
class Arguments:
    options: Options
    runs: Sequence[Run]


def read(words: Sequence[str] | None = None) -> Arguments:
    """Exits with a message when they make no sense."""
    parser = _parser()
    given = parser.parse_args(words)
    usual = [name for name, row in BENCHMARKS.items() if row.compares or not given.vs]
    names = given.names or usual
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    if given.vs and (alone := set(names) - set(usual)):
        parser.error(f"{', '.join(sorted(alone))} cannot be compared; use {', '.join(usual)}")
    if given.vs and (len(given.vs) != 3 or not given.vs_policy or given.only_memory):
        parser.error("--vs takes the kubeconfigs of a hub and of two real members, as ours has, and a --vs-policy")
    wanted = {True} if given.vs else {False} if given.only_memory else {True, False}
    runs = [(BENCHMARKS[name], is_real) for name in names for is_real in BENCHMARKS[name].targets if is_real in wanted]
    return Arguments(_options(given), runs)


def _options(given: argparse.Namespace) -> Options:
    usual = Options()
    return Options(
        singles=given.singles or max(1, usual.singles // given.shrink),
        crowd=given.crowd or max(1, usual.crowd // given.shrink),
        statuses=max(1, usual.statuses // given.shrink),
        etcd_fsync=not given.no_etcd_fsync,
        results=given.results,
        profile=given.profile,
        shrink=given.shrink,
        patience=given.patience,
        rival=Against(given.vs_name, given.vs[0], given.vs[1:], given.vs_policy) if given.vs else None,
        rounds=given.rounds or (5 if given.vs else 1),
    )


def _parser() -> argparse.ArgumentParser:
    names = "\n".join(f"  {b.name:14} {b.what}" for b in BENCHMARKS.values())
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Benchmarks of a whole Flotilla, each figure beside its floor. Nothing is asserted.",
        epilog=f"benchmarks:\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("names", metavar="NAME", nargs="*", help="all when none is given")
    add("--only-memory", action="store_true", help="simulated members only")
    add("--shrink", type=int, default=1, metavar="N", help="divide all counts by N, for a quick look")
    add("--singles", type=int, default=0, metavar="N", help="objects that go one at a time")
    add("--crowd", type=int, default=0, metavar="N", help="Deployments in a burst")
    add("--rounds", type=int, default=0, metavar="N", help="bursts; 1, or 5 of each system with --vs")
    add("--patience", type=float, default=Options.patience, metavar="S", help="seconds until all must have arrived")
    add("--no-etcd-fsync", action="store_true", help="real members' etcd does not flush its writes")
    add("--results", type=Path, default=Options.results, metavar="DIR", help="for the raw samples and the plots")
    add("--profile", type=Path, default=None, metavar="DIR", help="profile every process into files")
    other = parser.add_argument_group("another system, measured beside ours on real members, turn by turn")
    add = other.add_argument
    add("--vs", type=Path, nargs="+", metavar="KUBECONFIG", help="of its hub, then of its two members")
    add("--vs-policy", type=Path, metavar="FILE", help="makes it send Deployments in `default` to both members")
    add("--vs-name", default="the other", metavar="NAME", help="what to call it")
    return parser
