"""How many pods of a workload the cluster has found no node for, for longer than a while."""

from collections.abc import Iterable, Mapping
from typing import Any

from flotilla_common.times import seconds_since

from .nodes import WaitingPod

__all__ = ["count_waiting"]


def count_waiting(pods: Iterable[WaitingPod], selector: Mapping[str, Any], threshold: float, now: str) -> int:
    """Of the pods of a Deployment, whose label `selector` is given; `threshold` in seconds, `now` as RFC 3339."""
    mine = (pod for pod in pods if pod.owner == "ReplicaSet" and _selects(selector, pod.labels))
    return sum(seconds_since(pod.since, now, unreadable=0.0) > max(0.0, threshold) for pod in mine)


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_matches(e, labels) for e in selector.get("matchExpressions") or ())


def _matches(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = expression.get("key"), expression.get("values") or ()
    rules = {
        "In": labels.get(str(key)) in values,
        "NotIn": labels.get(str(key)) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }
    return rules.get(str(expression.get("operator")), False)
