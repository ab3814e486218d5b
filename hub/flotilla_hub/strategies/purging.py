"""Nothing starts elsewhere before an old copy is gone: a Failover with purge mode Directly, an eviction with it. Pure.

Neither waits for a cluster that cannot be reached: its tombstone waits for it in NATS.
"""

from collections.abc import Collection

from ..model.cluster import Cluster
from .stage import Facts, Stage

__all__ = ["old_first", "stage"]


def stage(facts: Facts) -> Stage:
    """For a binding without a strategy: what its evictions ask for."""
    tasks = facts.binding["spec"].get("gracefulEvictionTasks") or ()
    left = {task["fromCluster"] for task in tasks if task.get("purgeMode") == "Directly"}
    targets = {draft.cluster for draft in facts.wanted}
    return old_first(facts, [name for name in facts.held if name in left and name not in targets])


def old_first(facts: Facts, old: Collection[str]) -> Stage:
    """What runs already goes on, also in a new version; nothing starts while an old copy may still be running.

    `old`: the clusters it has to leave first.
    """
    running = frozenset(name for name in old if _is_reachable(facts.clusters.get(name)))
    if not running:
        return Stage(facts.wanted)
    started = tuple(w for w in facts.wanted if (held := facts.held.get(w.cluster)) is not None and not held.deleted)
    why = f"waits until it is removed from {', '.join(sorted(running))}"
    waiting = {w.cluster: why for w in facts.wanted if w not in started}
    return Stage(started, awaited=running, held_back=waiting)


def _is_reachable(cluster: Cluster | None) -> bool:
    return cluster is not None and cluster.ready == "True"
