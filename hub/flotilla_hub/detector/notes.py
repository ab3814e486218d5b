"""What the detector tells in Events, in upstream's words: dashboards and tests look for them. Pure."""

from ..model.policy import Policy

__all__ = ["applied", "not_applied", "preempted"]


def applied(policy: Policy) -> str:
    """For the reason ApplyPolicySucceed."""
    return f"Apply {_policy(policy)} succeed"


def not_applied(policy: Policy | None, why: str) -> str:
    """For ApplyPolicyFailed."""
    return f"Apply {_policy(policy) if policy else 'policy'} failed: {why}"


def preempted(policy: Policy, held: Policy) -> str:
    """For PreemptPolicySucceed."""
    taker = _propagation_policy(policy)
    return f"{taker[0].upper()}{taker[1:]} preempted {_propagation_policy(held)} successfully"


def _policy(policy: Policy) -> str:
    return f"policy({policy.namespace}/{policy.name})" if policy.namespace else f"cluster policy({policy.name})"


def _propagation_policy(policy: Policy) -> str:
    where = f"({policy.namespace}/{policy.name})" if policy.namespace else f"({policy.name})"
    return f"{'' if policy.namespace else 'cluster '}propagation policy{where}"
