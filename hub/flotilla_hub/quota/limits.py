"""Whether a namespace's quotas leave room for what a binding is about to use."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from flotilla_common.errors import Retryable
from flotilla_common.kinds import components_of, replicas_of
from flotilla_common.objects import Obj, labels_of, name_of, namespace_of
from flotilla_common.quantity import amount_of, format_amount

from ..labels import CLUSTER_POLICY_MARKS, POLICY_MARKS
from .usage import Usage, family_of

__all__ = ["QuotaExceeded", "outgrows", "why_exceeded"]


class QuotaExceeded(Retryable):
    """There is no room in the namespace's quota; something else may make room, or its owner may raise it."""

    reason = "QuotaExceeded"


def outgrows(template: Obj, binding: Obj) -> bool:
    """Whether a pod of the template requests more than its binding is charged for: it must not run before it is."""
    if not any(marks.permanent_id in labels_of(binding) for marks in (POLICY_MARKS, CLUSTER_POLICY_MARKS)):
        return False  # what only comes along with others is nobody's to charge
    if components := (binding.get("spec") or {}).get("components"):
        return bool(components_of(template) != components)
    _, requirements = replicas_of(template)
    wanted, charged = _request(requirements), _request((binding.get("spec") or {}).get("replicaRequirements"))
    return any(amount > charged.get(name, 0) for name, amount in wanted.items())


def _request(requirements: Mapping[str, Any] | None) -> Usage:
    request = (requirements or {}).get("resourceRequest") or {}
    return {name: amount_of(quantity) for name, quantity in request.items()}


def why_exceeded(quotas: Iterable[Obj], used: Usage, before: Usage, after: Usage) -> str | None:
    """The first limit that is broken when a binding that used `before` uses `after`; None when there is room.

    `used` is the whole namespace's with `before` in it. Only what grows is held against a limit: one that was lowered
    under what is used must not keep anyone from using less.
    """
    for quota in sorted(quotas, key=name_of):
        for name, quantity in sorted((quota["spec"].get("overall") or {}).items()):
            was, wanted = before.get(name, Fraction(0)), after.get(name, Fraction(0))
            total = used.get(name, Fraction(0)) - was + wanted
            if wanted > was and total > amount_of(quantity):
                who = f"FederatedResourceQuota({namespace_of(quota)}/{name_of(quota)})"
                asked = format_amount(total, family_of(quantity))
                return f"{who} exceeded for resource {name}: requested sum {asked}, limit {quantity}."
    return None
