"""Whether a namespace's quotas would refuse a place, as the hub's ledger does when the binding is written. Pure.

Each template is looked at by itself: what else a plan would place at the same time is not charged.
"""

from flotilla_common.objects import Obj, namespace_of

from ..quota.limits import why_exceeded
from ..quota.usage import summed, usage_of
from .state import State

__all__ = ["why_refused"]

_BINDING = ("work.karmada.io", "ResourceBinding")
_QUOTA = ("policy.karmada.io", "FederatedResourceQuota")


def why_refused(state: State, before: Obj | None, after: Obj) -> str | None:
    """`before`: the binding as it is stored, None when it is not; `after`: with its new place."""
    namespace = namespace_of(after)
    if not namespace or not state.rules.features.enabled("FederatedQuotaEnforcement"):
        return None
    quotas = [quota for quota in state.of_kind(_QUOTA) if namespace_of(quota) == namespace]
    if not quotas:
        return None
    by_components = state.rules.features.enabled("MultiplePodTemplatesScheduling")
    bindings = (binding for binding in state.of_kind(_BINDING) if namespace_of(binding) == namespace)
    used = summed(usage_of(binding, by_components=by_components) for binding in bindings)
    was = usage_of(before, by_components=by_components) if before else {}
    return why_exceeded(quotas, used, was, usage_of(after, by_components=by_components))
