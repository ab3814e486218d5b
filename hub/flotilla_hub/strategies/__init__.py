"""Our own ways of getting a workload, or a change of it, to the clusters: `placement.schedulerStrategy`. Pure.

Without one, only an eviction with purge mode Directly holds anything back (`purging`).

A strategy may take the place of the scheduler's own decision (`failover` does, see `scheduler.outcome`). It may hold
Works back, and keep those that are no longer asked for: that is what the table is for. To add one: a file with a
`stage`, a row here, its name in `model.policy`, a table of tests.
"""

from collections.abc import Callable, Mapping

from . import handover, purging, rolling_update
from .stage import Facts, Stage

__all__ = ["STAGES", "stage_of"]

STAGES: Mapping[str, Callable[[Facts], Stage]] = {
    "Failover": handover.stage,
    "RollingUpdate": rolling_update.stage,
}


def stage_of(facts: Facts) -> Stage:
    """Without a strategy everything that is wanted goes out, but for what an eviction holds back."""
    placement = (facts.binding.get("spec") or {}).get("placement") or {}
    stage = STAGES.get((placement.get("schedulerStrategy") or {}).get("type", ""))
    return (stage or purging.stage)(facts)
