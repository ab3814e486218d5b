"""The table of scheduler plugins. To add one: a file with `filter` or `score`, a row here, a table of tests.

`filter(request, cluster)` says in words why the cluster will not do, or None. `score(request, cluster)` is 0 to 100.
Both are pure, and one rule lets their answers be shared among bindings: of where the binding is now, a filter may look
only at this cluster, may only excuse a present target (`request.previous`) and only condemn one under eviction
(`request.evicting`); of where others are, only at `request.together` and `request.apart`.
"""

from collections.abc import Callable
from typing import Any

from ...model.cluster import Cluster
from ..request import Request
from . import (
    api_enablement,
    cluster_affinity,
    cluster_anti_affinity,
    cluster_eviction,
    cluster_locality,
    spread_constraint,
    taint_toleration,
    workload_affinity,
    workload_anti_affinity,
)

__all__ = ["FILTERS", "SCORES", "Filter", "Score", "name_of"]

Filter = Callable[[Request, Cluster], str | None]
Score = Callable[[Request, Cluster], int]

FILTERS: tuple[Filter, ...] = (
    cluster_affinity.filter,
    cluster_anti_affinity.filter,
    cluster_eviction.filter,
    api_enablement.filter,
    taint_toleration.filter,
    spread_constraint.filter,
    workload_affinity.filter,
    workload_anti_affinity.filter,
)
"""The first that rejects gives the reason, so what the user asked for comes before what the cluster cannot do."""

SCORES: tuple[Score, ...] = (cluster_locality.score, cluster_affinity.score)


def name_of(rule: Callable[..., Any]) -> str:
    """Of a filter or score, as upstream calls the plugin: `taint_toleration` → `TaintToleration`."""
    words = rule.__module__.rpartition(".")[2].split("_")
    return "".join("API" if word == "api" else word.capitalize() for word in words)
