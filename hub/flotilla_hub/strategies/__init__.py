"""Our own ways of getting a workload, or a change of it, to the clusters: `placement.schedulerStrategy`. Pure.

Without one, only an eviction with purge mode Directly holds anything back (`purging`).

A strategy may take the place of the scheduler's own decision (`failover` does, see `scheduler.outcome`). It may hold
Works back, and keep those that are no longer asked for: that is what the table is for. To add one: a file with a
`stage`, a row here, its name in `model.policy`, a table of tests.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from flotilla_common.objects import Obj

from . import handover, purging, rolling_update
from .stage import Facts, Stage

__all__ = ["STAGES", "is_plain", "stage_of"]

STAGES: Mapping[str, Callable[[Facts], Stage]] = {
    "Failover": handover.stage,
    "RollingUpdate": rolling_update.stage,
}


def is_plain(binding: Obj) -> bool:
    """Whether everything it asks for goes out at once, as it is for almost all: nothing need be gathered to know."""
    spec = binding["spec"]
    return not spec.get("gracefulEvictionTasks") and "schedulerStrategy" not in (spec.get("placement") or {})


def stage_of(facts: Facts) -> Stage:
    """Without a strategy everything that is wanted goes out, but for what an eviction holds back."""
    placement = (facts.binding.get("spec") or {}).get("placement") or {}
    stage = STAGES.get((placement.get("schedulerStrategy") or {}).get("type", ""))
    purge = purging.stage(facts)
    if stage is None or stage is handover.stage or not purge.awaited:
        return (stage or purging.stage)(facts)
    found = stage(facts._replace(wanted=purge.works))
    return replace(found, awaited=found.awaited | purge.awaited, held_back={**found.held_back, **purge.held_back})
