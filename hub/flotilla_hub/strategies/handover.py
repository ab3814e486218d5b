"""How Failover changes places: the old copy goes when the new one is healthy, or with purge mode Directly before it.

Neither waits for a cluster that cannot be reached: its tombstone waits for it in NATS. Pure.
"""

from collections.abc import Mapping

from ..scheduler.plugins.cluster_anti_affinity import is_banned
from ..scheduler.request import Request
from ..work.targets import clusters_to_keep, targets_of
from .purging import old_first
from .stage import Facts, Held, Stage, trouble_of

__all__ = ["stage"]


def stage(facts: Facts) -> Stage:
    kept, targets = clusters_to_keep(facts.binding), targets_of(facts.binding)
    old = {name: held for name, held in facts.held.items() if name not in kept}
    if not old or not targets:
        return Stage(facts.wanted)
    spec = facts.binding["spec"]
    mode = ((spec.get("failover") or {}).get("cluster") or {}).get("purgeMode")
    tasks = spec.get("gracefulEvictionTasks") or ()
    is_purged = any(task["fromCluster"] in old and task.get("purgeMode") == "Directly" for task in tasks)
    can_be_made = len(facts.wanted) == len(targets)
    return old_first(facts, old) if (mode == "Directly" or is_purged) and can_be_made else _new_first(facts, old)


def _new_first(facts: Facts, old: Mapping[str, Held]) -> Stage:
    request = Request.of(facts.binding)
    digests = {work.cluster: work.message.digest() for work in facts.wanted}
    troubles = {name: _trouble(facts, name, digests.get(name)) for name in targets_of(facts.binding)}
    awaited = frozenset(name for name, trouble in troubles.items() if trouble)
    if not awaited:
        return Stage(facts.wanted)
    found = {name: facts.clusters.get(name) for name, held in old.items() if not held.deleted}
    staying = frozenset(name for name, cluster in found.items() if cluster and not is_banned(request, cluster))
    why = ", ".join(f"{name}: {troubles[name]}" for name in sorted(awaited))
    return Stage(
        facts.wanted, staying, awaited, held_back=dict.fromkeys(staying, f"stays until it is healthy in {why}")
    )


def _trouble(facts: Facts, cluster: str, digest: str | None) -> str:
    held = facts.held.get(cluster)
    if digest is None:
        return "it cannot be made"
    if held is None or held.deleted or held.digest != digest:
        return "it is on its way"
    return trouble_of(held, facts.clusters.get(cluster))
