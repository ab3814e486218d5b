"""What may be stored: per kind what is filled in, and which rules it must keep. Pure; the API's verbs act on it.

Karmada's own kinds have a file each, and a row here.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from . import (
    cluster,
    federated_quota,
    override_policy,
    propagation_policy,
    resource_binding,
    taint_policy,
    work,
    workload_rebalancer,
)

__all__ = ["ADMIT", "Admission"]


class Default(Protocol):
    def __call__(self, obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj: ...


class Validate(Protocol):
    def __call__(self, obj: Obj, old: Obj | None) -> tuple[FieldError, ...]: ...


class Admission(NamedTuple):
    """`default` gives what is stored instead; `validate` names every broken rule of that. Neither changes its input.

    `now` is RFC 3339, `new_id` a fresh UUID for kinds that need one, `old` what is stored, None on create. Defaulting
    copes with any shape, so that validation is what answers a user.
    """

    default: Default
    validate: Validate


_POLICY = Admission(propagation_policy.default, propagation_policy.validate)
_OVERRIDE = Admission(override_policy.default, override_policy.validate)
_BINDING = Admission(resource_binding.default, resource_binding.validate)

ADMIT: Mapping[str, Admission] = {
    "clusteroverridepolicies.policy.karmada.io": _OVERRIDE,
    "clusterpropagationpolicies.policy.karmada.io": _POLICY,
    "clusterresourcebindings.work.karmada.io": _BINDING,
    "clustertaintpolicies.policy.karmada.io": Admission(taint_policy.default, taint_policy.validate),
    "clusters.cluster.karmada.io": Admission(cluster.default, cluster.validate),
    "federatedresourcequotas.policy.karmada.io": Admission(federated_quota.default, federated_quota.validate),
    "overridepolicies.policy.karmada.io": _OVERRIDE,
    "propagationpolicies.policy.karmada.io": _POLICY,
    "resourcebindings.work.karmada.io": _BINDING,
    "workloadrebalancers.apps.karmada.io": Admission(workload_rebalancer.default, workload_rebalancer.validate),
    "works.work.karmada.io": Admission(work.default, work.validate),
}
"""By resource and group."""
