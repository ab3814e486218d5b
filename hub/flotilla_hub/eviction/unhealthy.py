"""When an application that is unhealthy in a cluster must leave it: `failover.application` of its policy. Pure."""

from collections.abc import Mapping
from typing import Any

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj, encode

from ..resources.jsonpath import compile_path
from .tasks import Departure

__all__ = ["departure", "tolerated", "unhealthy_in"]

_PRODUCERS = {
    "ResourceBinding": "RBApplicationFailoverController",
    "ClusterResourceBinding": "CRBApplicationFailoverController",
}


def unhealthy_in(binding: Obj) -> frozenset[str]:
    """The targets that report the application unhealthy; none without a policy for that."""
    spec = binding.get("spec") or {}
    if not (spec.get("failover") or {}).get("application"):
        return frozenset()
    targets = {c["name"] for c in spec.get("clusters") or ()}
    items = (binding.get("status") or {}).get("aggregatedStatus") or ()
    return frozenset(i["clusterName"] for i in items if i.get("health") == "Unhealthy" and i["clusterName"] in targets)


def tolerated(binding: Obj) -> float:
    """Seconds for which it may be unhealthy."""
    conditions = binding["spec"]["failover"]["application"].get("decisionConditions") or {}
    seconds = conditions.get("tolerationSeconds")
    return 300.0 if seconds is None else float(seconds)


def departure(binding: Obj, cluster: str, *, keep_state: bool) -> Departure:
    """`keep_state`: the gate StatefulFailoverInjection. Raises Terminal when the state to preserve is not there."""
    behaviour = binding["spec"]["failover"]["application"]
    mode = behaviour.get("purgeMode") or "Gracefully"
    rules = (behaviour.get("statePreservation") or {}).get("rules") or ()
    return Departure(
        cluster,
        "ApplicationFailure",
        _PRODUCERS[binding["kind"]],
        mode,
        grace_period=behaviour.get("gracePeriodSeconds") if mode == "Gracefully" else None,
        preserved={r["aliasLabelName"]: _state(binding, cluster, r["jsonPath"]) for r in rules} if keep_state else None,
    )


def _state(binding: Obj, cluster: str, path: str) -> str:
    items: Mapping[str, Any] = {i["clusterName"]: i for i in binding["status"]["aggregatedStatus"]}
    found = compile_path(path)(items[cluster].get("status") or {})
    if not found:
        raise Terminal(
            f"cannot preserve the state of the application in cluster {cluster}: {path} is not in its status; it stays "
            "where it is, correct statePreservation in its policy or remove it"
        )
    return found[0] if isinstance(found[0], str) else encode(found[0]).decode()
