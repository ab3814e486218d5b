"""What may be stored: per kind what is filled in, and which rules it must keep. Pure; the API's verbs act on it.

Karmada's own kinds have a file each, and a row here.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from . import (
    cluster,
    cron_federated_hpa,
    federated_hpa,
    federated_quota,
    interpreter_customization,
    multi_cluster_ingress,
    multi_cluster_service,
    override_policy,
    propagation_policy,
    remedy,
    resource_binding,
    resource_registry,
    taint_policy,
    work,
    workload_rebalancer,
)

__all__ = ["ADMIT", "Admission"]


class Default(Protocol):
    def __call__(self, obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj: ...


class Validate(Protocol):
    def __call__(self, obj: Obj, old: Obj | None) -> tuple[FieldError, ...]: ...


class Rules(Protocol):
    """A module of this package: one kind."""

    default: Default
    validate: Validate


class Admission(NamedTuple):
    """`default` gives what is stored instead; `validate` names every broken rule of that. Neither changes its input.

    `now` is RFC 3339, `new_id` a fresh UUID for kinds that need one, `old` what is stored, None on create. Defaulting
    copes with any shape, so that validation is what answers a user. `notice` is a warning for whoever stores one.
    """

    default: Default
    validate: Validate
    notice: str = ""


def _of(kind: Rules, notice: str = "") -> Admission:
    return Admission(kind.default, kind.validate, notice)


_IDLE = "this hub stores the object and does not act on it yet"

ADMIT: Mapping[str, Admission] = {
    "clusteroverridepolicies.policy.karmada.io": _of(override_policy),
    "clusterpropagationpolicies.policy.karmada.io": _of(propagation_policy),
    "clusterresourcebindings.work.karmada.io": _of(resource_binding),
    "clusters.cluster.karmada.io": _of(cluster),
    "clustertaintpolicies.policy.karmada.io": _of(taint_policy),
    "cronfederatedhpas.autoscaling.karmada.io": _of(cron_federated_hpa, _IDLE),
    "federatedresourcequotas.policy.karmada.io": _of(federated_quota),
    "federatedhpas.autoscaling.karmada.io": _of(federated_hpa, _IDLE),
    "multiclusteringresses.networking.karmada.io": _of(multi_cluster_ingress, _IDLE),
    "multiclusterservices.networking.karmada.io": _of(multi_cluster_service, _IDLE),
    "overridepolicies.policy.karmada.io": _of(override_policy),
    "propagationpolicies.policy.karmada.io": _of(propagation_policy),
    "remedies.remedy.karmada.io": _of(remedy, _IDLE),
    "resourcebindings.work.karmada.io": _of(resource_binding),
    "resourceinterpretercustomizations.config.karmada.io": _of(interpreter_customization, _IDLE),
    "resourceregistries.search.karmada.io": _of(resource_registry, _IDLE),
    "workloadrebalancers.apps.karmada.io": _of(workload_rebalancer),
    "works.work.karmada.io": _of(work),
}
"""By resource and group."""
