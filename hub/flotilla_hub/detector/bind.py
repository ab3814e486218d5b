"""The binding that follows from a claim: what the scheduler and the Works start from. Pure; marks are in `claim`."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from flotilla_common.errors import Conflict, Refused
from flotilla_common.objects import (
    Obj,
    copy_of,
    gvk_of,
    meta_of,
    name_of,
    namespace_of,
    ref_of,
)

from ..labels import (
    BINDING_FINALIZER,
    BINDING_MARKS,
    CLUSTER_BINDING_FINALIZER,
    CLUSTER_BINDING_MARKS,
    DEPENDENCIES,
)
from ..model.policy import Policy
from ..names import binding_name
from ..stable_ids import stable_id
from .claim import claimed

__all__ = [
    "Demand",
    "binding_for",
    "check_owner",
    "is_of",
    "is_same",
    "new_binding",
    "resource_in",
]

API_VERSION = "work.karmada.io/v1alpha2"

FROM_POLICY = (
    "conflictResolution",
    "failover",
    "placement",
    "preserveResourcesOnDeletion",
    "schedulerName",
)
"""Copied from the policy's spec as the user wrote it; what the policy no longer sets goes from the binding."""

_IDS = UUID("6ba8fbf6-43a5-5e3b-94e3-a9ab9e4ad4f8")


class Demand(NamedTuple):
    """What a binding says beside its policy: what the template asks for, and what the policy's words resolve to.

    `requirements`: of one replica. `priority`: in the scheduler's queue. `dependencies`: what the template refers to,
    as JSON; None where that does not travel with it. `groups`: the workloads it goes with, or keeps away from.
    `components`: its pod templates, instead of replicas, where it has several.
    """

    replicas: int = 0
    requirements: dict[str, Any] | None = None
    priority: int | None = None
    dependencies: str | None = None
    groups: dict[str, str] | None = None
    components: Sequence[Obj] = ()


def binding_for(template: Obj, policy: Policy, existing: Obj | None, demand: Demand) -> Obj | None:
    """The binding to create (no `existing`) or to write back; None when `existing` already says all of it.

    What others write stays: the scheduling result, its suspension, evictions, dependants, and any further label.
    `spec.resource.resourceVersion` alone is no change: it moves with every status write of the template.
    Raises Conflict while `existing` is going or an earlier template's, Refused when it is that of another kind.
    """
    if existing is None:
        return _filled(new_binding(template), template, policy, demand)
    check_owner(existing, template)
    binding = _filled(copy_of(existing), template, policy, demand)
    return None if is_same(binding, existing) else binding


def _filled(binding: Obj, template: Obj, policy: Policy, demand: Demand) -> Obj:
    """`binding`, which is the caller's own copy, brought to what template and policy say."""
    binding = claimed(binding, policy) or binding
    _note_dependencies(binding["metadata"], demand.dependencies)
    spec = binding["spec"] = dict(binding.get("spec") or {})
    spec["resource"] = resource_in(template)
    wanted = {
        **{key: policy.raw.get(key) for key in FROM_POLICY},
        "propagateDeps": policy.spec.follows_dependencies,
        "components": list(demand.components),
        "replicas": demand.replicas,
        "replicaRequirements": demand.requirements,
        "schedulePriority": None if demand.priority is None else {"priority": demand.priority},
        "suspension": _suspension(policy, spec),
        "workloadAffinityGroups": demand.groups,
    }
    for key, value in wanted.items():
        if value:
            spec[key] = value
        else:
            spec.pop(key, None)
    spec.setdefault("conflictResolution", policy.spec.conflict_resolution)
    spec.setdefault("schedulerName", policy.spec.scheduler_name)
    spec.setdefault("placement", {})
    return copy_of(binding)  # what came from the policy and the template is shared until here


def _suspension(policy: Policy, spec: Obj) -> dict[str, Any]:
    """The policy's, with `scheduling` as it is: an external queue sets that on the binding."""
    kept = {k: v for k, v in (spec.get("suspension") or {}).items() if k == "scheduling"}
    return {**(policy.raw.get("suspension") or {}), **kept}


def _note_dependencies(metadata: Obj, dependencies: str | None) -> None:
    kept = {key: value for key, value in (metadata.get("annotations") or {}).items() if key != DEPENDENCIES}
    metadata["annotations"] = kept if dependencies is None else {**kept, DEPENDENCIES: dependencies}


def new_binding(template: Obj) -> Obj:
    """The template's, with an empty spec."""
    namespace = namespace_of(template)
    name = binding_name(template["kind"], name_of(template))
    uid = str(meta_of(template).get("uid") or "")
    marks = BINDING_MARKS if namespace else CLUSTER_BINDING_MARKS
    metadata: Obj = {
        "name": name,
        # Derived, not random: the same template gets the same binding and Works back after a loss.
        "labels": {marks.permanent_id: stable_id(_IDS, f"{namespace}/{name}/{uid}")},
        "finalizers": [BINDING_FINALIZER if namespace else CLUSTER_BINDING_FINALIZER],
        "ownerReferences": [
            {
                "apiVersion": template["apiVersion"],
                "kind": template["kind"],
                "name": name_of(template),
                "uid": uid,
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
    }
    if namespace:
        metadata["namespace"] = namespace
    kind = "ResourceBinding" if namespace else "ClusterResourceBinding"
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": {}}


def resource_in(template: Obj) -> dict[str, str]:
    metadata = meta_of(template)
    resource = {"apiVersion": template["apiVersion"], "kind": template["kind"], "name": name_of(template)}
    optional = {key: str(metadata.get(key) or "") for key in ("namespace", "uid", "resourceVersion")}
    return {**resource, **{key: value for key, value in optional.items() if value}}


def check_owner(existing: Obj, template: Obj) -> None:
    """Raises Conflict while `existing` is going or an earlier template's, Refused when it is that of another kind."""
    what = f"{existing['kind']} {name_of(existing)}"
    owners = meta_of(existing).get("ownerReferences") or ()
    owner = next((o for o in owners if o.get("controller")), None)
    if meta_of(existing).get("deletionTimestamp"):
        raise Conflict(f"{what} is being removed; trying again when it is gone")
    if owner is None or owner.get("uid") == meta_of(template).get("uid"):
        return
    # Neither kind nor name of a template ever changes, and a binding's name has no group in it.
    if gvk_of(owner).group != gvk_of(template).group or owner.get("name") != name_of(template):
        raise Refused(
            f"{what} belongs to {gvk_of(owner)} {owner.get('name')}, whose binding has the same name as that of "
            f"{ref_of(template)}; only one of the two can be propagated, rename the other"
        )
    raise Conflict(f"{what} belongs to an earlier {ref_of(template)}; trying again when it is collected")


def is_of(existing: Obj, template: Obj) -> bool:
    """Whether the binding of that name was made from this template, and not from another group's or an earlier one."""
    owner = next((o for o in meta_of(existing).get("ownerReferences") or () if o.get("controller")), None)
    return owner is None or owner.get("uid") == meta_of(template).get("uid")


def is_same(binding: Obj, existing: Obj) -> bool:
    """Whether there is nothing to write: the template's resourceVersion alone does not count."""
    return _comparable(binding) == _comparable(existing)


def _comparable(binding: Obj) -> Obj:
    spec = binding.get("spec") or {}
    resource = {k: v for k, v in (spec.get("resource") or {}).items() if k != "resourceVersion"}
    return {**binding, "spec": {**spec, "resource": resource}}
