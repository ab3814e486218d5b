"""How many pods a namespace's ResourceQuotas still allow, where their scope is the pods' priority class.

As upstream: quotas of other scopes, and those without any, are not counted, and neither are limits.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flotilla_common.objects import Obj
from flotilla_common.quantity import units_of

from .nodes import units_in
from .room import UNBOUNDED

__all__ = ["max_allowed"]


def max_allowed(quotas: Iterable[Obj], requirements: Mapping[str, Any]) -> int:
    """The lowest that any quota allows, never below zero; UNBOUNDED when none concerns such pods.

    Raises Invalid when an amount in a quota is no quantity.
    """
    priority = str(requirements.get("priorityClassName") or "")
    asked = [(name, units) for name, units in units_in(requirements.get("resourceRequest")) if units > 0]
    allowed = [_allowed(quota, asked) for quota in quotas if _concerns(quota, priority)]
    return max(0, min(allowed, default=UNBOUNDED))


def _allowed(quota: Obj, asked: Iterable[tuple[str, int]]) -> int:
    free = _free(quota.get("status") or {})
    return min((free[name] // units for name, units in asked if name in free), default=UNBOUNDED)


def _free(status: Mapping[str, Any]) -> dict[str, int]:
    """`requests.cpu` limits the same as `cpu`."""
    hard, used = status.get("hard") or {}, status.get("used") or {}
    left: dict[str, int] = {}
    for name in (name for name in hard if name in used and _is_counted(name)):
        plain = name.removeprefix("requests.")
        free = units_of(plain, hard[name]) - units_of(plain, used[name])
        left[plain] = min(free, left.get(plain, free))
    return left


def _is_counted(name: str) -> bool:
    """cpu, memory and extended resources, as requests."""
    plain = name.removeprefix("requests.")
    is_extended = "/" in plain and not plain.startswith(("count/", "limits.")) and "kubernetes.io/" not in plain
    return plain in ("cpu", "memory") or is_extended


def _concerns(quota: Obj, priority: str) -> bool:
    spec = quota.get("spec") or {}
    scopes = [{"scopeName": scope, "operator": "Exists"} for scope in spec.get("scopes") or ()]
    scopes += (spec.get("scopeSelector") or {}).get("matchExpressions") or ()
    return any(_selects(scope, priority) for scope in scopes)


def _selects(scope: Mapping[str, Any], priority: str) -> bool:
    if scope.get("scopeName") != "PriorityClass":
        return False
    values = scope.get("values") or ()
    rules = {
        "Exists": bool(priority),
        "DoesNotExist": not priority,
        "In": bool(priority) and priority in values,
        "NotIn": priority not in values,
    }
    return rules.get(str(scope.get("operator")), False)
