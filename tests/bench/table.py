"""The benchmarks there are: one row each."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol

from . import (
    agents,
    burst,
    cold_burst,
    fanout,
    footprint,
    latency,
    memory,
    real_agents,
    reconnect,
    recovery,
    restart,
    schedule,
    slopes,
    status,
    update,
)
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
    """Begins with its number in docs/performance."""
    measure: Measure
    targets: Sequence[bool]
    """For simulated members, for real ones, or one after the other."""
    deadline: float
    """Seconds for one target, after which it has failed."""
    compares: bool = False
    """Whether another system can be measured beside ours."""


_ROWS = (
    Benchmark("latency", "B1   create → in both members, one at a time", latency.measure, (SIMULATED, REAL), 180, True),
    Benchmark("update", "B1   image changed → in both members", update.measure, (SIMULATED, REAL), 180, True),
    Benchmark("fanout", "B2   one template → in 10, 100, 500 clusters", fanout.measure, (SIMULATED,), 600),
    Benchmark("cold-burst", "B3   8,000 Works to be made when the hub starts", cold_burst.measure, (SIMULATED,), 300),
    Benchmark(
        "burst", "B3   1,000 Deployments at once: time, CPU, commits", burst.measure, (SIMULATED, REAL), 300, True
    ),
    Benchmark("schedule", "B4   decisions per second, pure and through a hub", schedule.measure, (SIMULATED,), 600),
    Benchmark("agents", "B5   up to 10,000 idle agents: CPU, memory, lag", agents.measure, (SIMULATED,), 1800),
    Benchmark("real-agents", "B5   40 real agents beside 40 of the swarm", real_agents.measure, (SIMULATED,), 900),
    Benchmark("restart", "B6   hub and NATS killed with 1,000 bindings", restart.measure, (SIMULATED,), 240),
    Benchmark("recovery", "B6   hub and NATS killed with 50,000 Works", recovery.measure, (SIMULATED,), 1200),
    Benchmark("reconnect", "B7   NATS away under 1,000 agents, 5 % changed", reconnect.measure, (SIMULATED,), 900),
    Benchmark("slopes", "B8   memory per cluster and per Work", slopes.measure, (SIMULATED,), 1800),
    Benchmark("memory", "B8   hub, NATS and agents, idle and loaded", memory.measure, (SIMULATED, REAL), 300),
    Benchmark("footprint", "B9   one agent: CPU, memory, threads", footprint.measure, (SIMULATED,), 900),
    Benchmark("status", "B10  member status → shown on the hub", status.measure, (SIMULATED, REAL), 400),
)
BENCHMARKS = {row.name: row for row in _ROWS}
