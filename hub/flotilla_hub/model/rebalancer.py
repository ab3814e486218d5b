"""What may be in the spec of a WorkloadRebalancer: the workloads to be placed anew, once."""

from pydantic import Field

from .base import Model

__all__ = ["RebalancerSpec"]


class Workload(Model):
    """A template; without a namespace a cluster-scoped one."""

    api_version: str
    kind: str
    name: str
    namespace: str | None = None


class RebalancerSpec(Model):
    workloads: tuple[Workload, ...] = Field(min_length=1)
    ttl_seconds_after_finished: int | None = None
    """Seconds the rebalancer stays once it is done; None: for ever."""
