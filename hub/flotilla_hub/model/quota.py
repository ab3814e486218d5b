"""What may be in the spec of a FederatedResourceQuota: what a namespace may use of all clusters together."""

from .base import Model

__all__ = ["Amounts", "QuotaSpec", "StaticAssignment"]

Amounts = dict[str, str | int | float]
"""A ResourceList as users write it: `cpu: 2` is a quantity too."""


class StaticAssignment(Model):
    """What one cluster may give of it."""

    cluster_name: str
    hard: Amounts | None = None


class QuotaSpec(Model):
    overall: Amounts
    static_assignments: tuple[StaticAssignment, ...] | None = None
