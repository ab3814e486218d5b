"""How Failover changes places: the old copy goes when the new one is healthy, or with purge mode Directly before it.

Neither waits for a cluster that cannot be reached: its tombstone waits for it in NATS. Pure.
"""

from collections.abc import Mapping

from ..model.cluster import Cluster
from ..scheduler.plugins.cluster_anti_affinity import is_banned
from ..scheduler.request import Request
from ..work.targets import clusters_to_keep
from .stage import Facts, Held, Stage, trouble_of

__all__ = ["stage"]


def stage(facts: Facts) -> Stage:
    kept = clusters_to_keep(facts.binding)
    old = {name: held for name, held in facts.held.items() if name not in kept}
    if not old or not facts.wanted:
        return Stage(facts.wanted)
    spec = facts.binding["spec"]
    mode = ((spec.get("failover") or {}).get("cluster") or {}).get("purgeMode")
    return _old_first(facts, old) if mode == "Directly" else _new_first(facts, old)


def _new_first(facts: Facts, old: Mapping[str, Held]) -> Stage:
    request = Request.of(facts.binding)
    troubles = {w.cluster: _trouble(facts, w.cluster, w.message.digest()) for w in facts.wanted}
    awaited = frozenset(name for name, trouble in troubles.items() if trouble)
    if not awaited:
        return Stage(facts.wanted)
    found = {name: facts.clusters.get(name) for name, held in old.items() if not held.deleted}
    staying = frozenset(name for name, cluster in found.items() if cluster and not is_banned(request, cluster))
    why = ", ".join(f"{name}: {troubles[name]}" for name in sorted(awaited))
    return Stage(
        facts.wanted, staying, awaited, held_back=dict.fromkeys(staying, f"stays until it is healthy in {why}")
    )


def _trouble(facts: Facts, cluster: str, digest: str) -> str:
    held = facts.held.get(cluster)
    if held is None or held.deleted or held.digest != digest:
        return "it is on its way"
    return trouble_of(held, facts.clusters.get(cluster))


def _old_first(facts: Facts, old: Mapping[str, Held]) -> Stage:
    """What runs already goes on, also in a new version; nothing starts while an old copy may still be running."""
    running = frozenset(name for name in old if _is_reachable(facts.clusters.get(name)))
    if not running:
        return Stage(facts.wanted)
    started = tuple(w for w in facts.wanted if (held := facts.held.get(w.cluster)) is not None and not held.deleted)
    why = f"waits until it is removed from {', '.join(sorted(running))}"
    waiting = {w.cluster: why for w in facts.wanted if w not in started}
    return Stage(started, awaited=running, held_back=waiting)


def _is_reachable(cluster: Cluster | None) -> bool:
    return cluster is not None and cluster.ready == "True"
