"""The taints a cluster has once ClusterTaintPolicies have seen its conditions. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flotilla_common.objects import Obj

from ..model.cluster import Cluster
from ..model.taint_policy import ConditionMatch, TaintPolicy

__all__ = ["tainted"]


def tainted(cluster: Obj, policies: Iterable[TaintPolicy], now: str) -> Obj | None:
    """The cluster with other taints, or None. Policies act in the order they were created; a taint stays when its
    policy goes, and none is ever taken away but by `removeOnConditions`.
    """
    spec = cluster.get("spec") or {}
    before: Sequence[Mapping[str, Any]] = spec.get("taints") or ()
    taints = list(before)
    conditions = {c["type"]: c["status"] for c in (cluster.get("status") or {}).get("conditions") or ()}
    seen = Cluster.of(cluster)
    for policy in sorted(policies, key=lambda policy: (policy.created, policy.name)):
        if policy.spec.target_clusters is None or policy.spec.target_clusters.matches(seen):
            taints = _after(taints, policy, conditions, now)
    if taints == list(before):
        return None
    rest = {key: value for key, value in spec.items() if key != "taints"}
    return {**cluster, "spec": {**rest, "taints": taints} if taints else rest}


def _after(
    taints: list[Mapping[str, Any]], policy: TaintPolicy, conditions: Mapping[str, str], now: str
) -> list[Mapping[str, Any]]:
    if _hold(policy.spec.add_on_conditions, conditions):
        held = {(t["key"], t["effect"]) for t in taints}
        fresh = [t for t in policy.spec.taints if (t.key, t.effect) not in held]
        taints = taints + [
            {"key": t.key, **({"value": t.value} if t.value else {}), "effect": t.effect, "timeAdded": now}
            for t in fresh
        ]
    if _hold(policy.spec.remove_on_conditions, conditions):
        gone = {(t.key, t.effect) for t in policy.spec.taints}
        taints = [t for t in taints if (t["key"], t["effect"]) not in gone]
    return taints


def _hold(matches: Sequence[ConditionMatch] | None, conditions: Mapping[str, str]) -> bool:
    """All of them; a condition the cluster does not have never matches, not even NotIn."""
    return bool(matches) and all(
        m.condition_type in conditions and (conditions[m.condition_type] in m.status_values) == (m.operator == "In")
        for m in matches or ()
    )
