"""The benchmarks there are: one row each."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol

from . import burst, latency, memory, restart, status, update
from .options import Options
from .report import Report

__all__ = ["BENCHMARKS", "Benchmark"]

SIMULATED, REAL = False, True


class Measure(Protocol):
    def __call__(self, options: Options, *, is_real: bool) -> Awaitable[Report]: ...


@dataclass(frozen=True)
class Benchmark:
    name: str
    what: str
    measure: Measure
    targets: Sequence[bool]
    """For simulated members, for real ones, or one after the other."""
    deadline: float
    """Seconds for one target, after which it has failed."""


_ROWS = (
    Benchmark("latency", "create → in both members, one at a time", latency.measure, (SIMULATED, REAL), 180),
    Benchmark("update", "image changed → in both members", update.measure, (SIMULATED, REAL), 180),
    Benchmark("burst", "1,000 Deployments at once: time, CPU, commits", burst.measure, (SIMULATED, REAL), 300),
    Benchmark("status", "member status → shown on the hub", status.measure, (SIMULATED, REAL), 180),
    Benchmark("restart", "hub and NATS killed with 1,000 bindings", restart.measure, (SIMULATED,), 240),
    Benchmark("memory", "hub, NATS and agents, idle and loaded", memory.measure, (SIMULATED, REAL), 300),
)
BENCHMARKS = {row.name: row for row in _ROWS}
