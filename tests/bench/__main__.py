"""`python -m tests.bench [NAME...]`: run benchmarks, print a table of each, keep the raw samples and plots in files."""

import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import uvloop

from flotilla_common.errors import FlotillaError
from tests.kube.cluster import ClusterFailed
from tests.kube.tools import ToolsMissing, ensure

from . import arguments, calibration, profiles, results
from .arguments import Arguments, Run
from .options import Options
from .progress import say
from .report import Report, render
from .table import Benchmark

TROUBLE = (FlotillaError, ClusterFailed, AssertionError, TimeoutError, OSError)


def main() -> int:
    return uvloop.run(_run_until_stopped(arguments.read()))


async def _run_until_stopped(given: Arguments) -> int:
    task = asyncio.current_task()
    assert task is not None
    # As a Ctrl-C: everything that was started is stopped on the way out.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await _run(given.options, _possible(given.runs))
    except asyncio.CancelledError:
        say("stopped")
        return 130


async def _run(options: Options, runs: Sequence[Run]) -> int:
    stamp, code = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()), 0
    # Each benchmark has one before it and one after it; that between two benchmarks serves both.
    before = await _calibrate(options, runs[:1])
    for n, (benchmark, is_real) in enumerate(runs):
        name = f"{benchmark.name}-real" if is_real else benchmark.name
        report = await _one(benchmark, _profiling(options, name), is_real=is_real)
        if report:
            _show(report)
        after = await _calibrate(options, runs[n : n + 2])
        if report:
            _keep(options, f"{stamp}-{name}", report, before, after)
            if options.profile:
                profiles.tell(options.profile / name, report)
        else:
            code = 1
        before = after
    return code


def _profiling(options: Options, name: str) -> Options:
    """Into a directory of its own for each run."""
    if options.profile is None:
        return options
    directory = options.profile / name
    directory.mkdir(parents=True, exist_ok=True)
    return replace(options, profile=directory)


async def _calibrate(options: Options, beside: Sequence[Run]) -> Report:
    """`beside`: the runs it is for; a real API server is asked only where one of them has real members."""
    report = await calibration.measure(options, is_real=any(is_real for _, is_real in beside))
    _show(report)
    return report


def _keep(options: Options, name: str, report: Report, before: Report, after: Report) -> None:
    path = results.keep(options.results, name, report, before, after)
    say(f"raw samples: {path}")
    if report.charts:
        # Only now: it would weigh on the process that observes.
        from .plots import draw

        say(f"plot: {draw(path)}")
    say("")


async def _one(benchmark: Benchmark, options: Options, *, is_real: bool) -> Report | None:
    """None when it failed, which has been said."""
    deadline = benchmark.deadline * options.rounds * (4 if options.rival else 1)
    try:
        async with asyncio.timeout(deadline):
            return await benchmark.measure(options, is_real=is_real)
    except (ExceptionGroup, *TROUBLE) as err:
        why = _why(err) or f"not done within {deadline:g} s"
        print(f"{benchmark.name} failed: {why}\n", flush=True)
        return None


def _why(err: BaseException) -> str:
    if isinstance(err, BaseExceptionGroup):
        return "; ".join(sorted(set(map(_why, err.exceptions))))
    return str(err) if isinstance(err, TROUBLE) else repr(err)


def _possible(runs: Sequence[Run]) -> Sequence[Run]:
    """Without those for which a program is missing, which has been said."""
    if not any(is_real for _, is_real in runs):
        return runs
    try:
        ensure()
    except ToolsMissing as missing:
        print(f"No figures for real kube-apiservers: {missing}\n", flush=True)
        return [run for run in runs if not run[1]]
    return runs


def _show(report: Report) -> None:
    print(render(report), flush=True)


if __name__ == "__main__":
    sys.exit(main())
