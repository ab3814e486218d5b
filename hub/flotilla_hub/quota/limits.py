"""Whether a namespace's quotas leave room for what a binding is about to use."""

from collections.abc import Iterable
from fractions import Fraction

from flotilla_common.errors import Retryable
from flotilla_common.objects import Obj, name_of, namespace_of
from flotilla_common.quantity import amount_of, format_amount

from .usage import Usage, family_of

__all__ = ["QuotaExceeded", "why_exceeded"]


class QuotaExceeded(Retryable):
    """There is no room in the namespace's quota; something else may make room, or its owner may raise it."""

    reason = "QuotaExceeded"


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
