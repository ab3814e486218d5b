"""What the detector tells in Events, in upstream's words: dashboards and tests look for them. Pure."""

from flotilla_common.objects import Obj, annotations_of

from ..labels import DEPENDENCIES
from ..model.policy import Policy

__all__ = ["applied", "dependencies", "not_applied", "preempted"]


def applied(policy: Policy) -> str:
    """For the reason ApplyPolicySucceed."""
    return f"Apply {_policy(policy)} succeed"


def not_applied(policy: Policy | None, why: str) -> str:
    """For ApplyPolicyFailed."""
    return f"Apply {_policy(policy) if policy else 'policy'} failed: {why}"


def dependencies(before: Obj | None, after: Obj) -> str:
    """For GetDependenciesSucceed, where a binding comes to refer to something else; else empty."""
    found = annotations_of(after).get(DEPENDENCIES, "[]")
    return (
        "" if found == annotations_of(before or {}).get(DEPENDENCIES, "[]") else f"Get dependencies({found}) succeed."
    )


def preempted(policy: Policy, held: Policy) -> str:
    """For PreemptPolicySucceed."""
    taker = _propagation_policy(policy)
    return f"{taker[0].upper()}{taker[1:]} preempted {_propagation_policy(held)} successfully"


def _policy(policy: Policy) -> str:
    return f"policy({policy.namespace}/{policy.name})" if policy.namespace else f"cluster policy({policy.name})"


def _propagation_policy(policy: Policy) -> str:
    where = f"({policy.namespace}/{policy.name})" if policy.namespace else f"({policy.name})"
    return f"{'' if policy.namespace else 'cluster '}propagation policy{where}"
