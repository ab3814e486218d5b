"""The table of scheduler plugins. To add one: a file with `filter` or `score`, a row here, a table of tests.

`filter(request, cluster)` says in words why the cluster will not do, or None. `score(request, cluster)` is 0 to 100.
Both are pure, and one rule lets their answers be shared among bindings: of where the binding is now, a filter may look
only at this cluster, may only excuse a present target (`request.previous`) and only condemn one under eviction
(`request.evicting`).
"""

from collections.abc import Callable

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
)

__all__ = ["FILTERS", "SCORES", "Filter", "Score"]

Filter = Callable[[Request, Cluster], str | None]
Score = Callable[[Request, Cluster], int]

FILTERS: tuple[Filter, ...] = (
    cluster_affinity.filter,
    cluster_anti_affinity.filter,
    cluster_eviction.filter,
    api_enablement.filter,
    taint_toleration.filter,
    spread_constraint.filter,
)
"""The first that rejects gives the reason, so what the user asked for comes before what the cluster cannot do."""

SCORES: tuple[Score, ...] = (cluster_locality.score, cluster_affinity.score)
