"""`python -m tests.bench [NAME...]`: run benchmarks, print a table of each, keep the raw samples in a file."""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import uvloop

from flotilla_common.errors import FlotillaError
from tests.kube.cluster import ClusterFailed
from tests.kube.tools import ToolsMissing, ensure

from . import calibration, results
from .options import Options
from .progress import say
from .report import Report, render
from .table import BENCHMARKS, Benchmark

TROUBLE = (FlotillaError, ClusterFailed, AssertionError, TimeoutError, OSError)


def main() -> int:
    given = _arguments()
    if unknown := set(given.names) - set(BENCHMARKS):
        print(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    return uvloop.run(_run_until_stopped(given))


async def _run_until_stopped(given: argparse.Namespace) -> int:
    task = asyncio.current_task()
    assert task is not None
    # As a Ctrl-C: everything that was started is stopped on the way out.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await _run(given)
    except asyncio.CancelledError:
        say("stopped")
        return 130


async def _run(given: argparse.Namespace) -> int:
    options = _options(given)
    is_real_wanted = not given.only_memory and _have_tools()
    runs = [
        (BENCHMARKS[name], is_real)
        for name in given.names or BENCHMARKS
        for is_real in BENCHMARKS[name].targets
        if is_real_wanted or not is_real
    ]
    stamp, code = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()), 0
    # Each benchmark has one before it and one after it; that between two benchmarks serves both.
    before = await _calibrate(options, runs[:1])
    for n, (benchmark, is_real) in enumerate(runs):
        report = await _one(benchmark, options, is_real=is_real)
        if report:
            _show(report)
        after = await _calibrate(options, runs[n : n + 2])
        if report:
            path = results.keep(options.results, stamp, benchmark.name, report, before, after)
            say(f"raw samples: {path}\n")
        else:
            code = 1
        before = after
    return code


async def _calibrate(options: Options, beside: Sequence[tuple[Benchmark, bool]]) -> Report:
    """`beside`: the runs it is for; a real API server is asked only where one of them has real members."""
    report = await calibration.measure(options, is_real=any(is_real for _, is_real in beside))
    _show(report)
    return report


async def _one(benchmark: Benchmark, options: Options, *, is_real: bool) -> Report | None:
    """None when it failed, which has been said."""
    try:
        async with asyncio.timeout(benchmark.deadline):
            return await benchmark.measure(options, is_real=is_real)
    except (ExceptionGroup, *TROUBLE) as err:
        why = _why(err) or f"not done within {benchmark.deadline:g} s"
        print(f"{benchmark.name} failed: {why}\n", flush=True)
        return None


def _why(err: BaseException) -> str:
    if isinstance(err, BaseExceptionGroup):
        return "; ".join(sorted(set(map(_why, err.exceptions))))
    return str(err) if isinstance(err, TROUBLE) else repr(err)


def _have_tools() -> bool:
    try:
        ensure()
    except ToolsMissing as missing:
        print(f"No figures for real kube-apiservers: {missing}\n", flush=True)
        return False
    return True


def _show(report: Report) -> None:
    print(render(report), flush=True)


def _options(given: argparse.Namespace) -> Options:
    usual = Options()
    return Options(
        singles=given.singles or max(1, usual.singles // given.shrink),
        crowd=given.crowd or max(1, usual.crowd // given.shrink),
        statuses=max(1, usual.statuses // given.shrink),
        shrink=given.shrink,
        etcd_fsync=not given.no_etcd_fsync,
        results=given.results,
        profile=given.profile,
    )


def _arguments() -> argparse.Namespace:
    names = "\n".join(f"  {b.name:12} {b.what}" for b in BENCHMARKS.values())
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Benchmarks of a whole Flotilla, each figure beside its floor. Nothing is asserted.",
        epilog=f"benchmarks:\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help="all when none is given")
    parser.add_argument("--only-memory", action="store_true", help="simulated members only")
    parser.add_argument("--shrink", type=int, default=1, metavar="N", help="divide all counts by N, for a quick look")
    parser.add_argument("--singles", type=int, default=0, metavar="N", help="objects that go one at a time")
    parser.add_argument("--crowd", type=int, default=0, metavar="N", help="Deployments in a burst")
    parser.add_argument("--no-etcd-fsync", action="store_true", help="real members' etcd does not flush its writes")
    parser.add_argument("--results", type=Path, default=Options.results, metavar="DIR", help="for the raw samples")
    parser.add_argument("--profile", type=Path, default=None, metavar="DIR", help="profile every process into files")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
