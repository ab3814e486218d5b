"""What a claim leaves behind: marks on the template, and the binding the scheduler and the Works start from. Pure."""

from typing import Any
from uuid import UUID, uuid5

from flotilla_common.errors import Conflict, Refused
from flotilla_common.objects import (
    Obj,
    annotations_of,
    copy_of,
    gvk_of,
    labels_of,
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
    CLUSTER_POLICY_MARKS,
    POLICY_MARKS,
    Marks,
)
from ..model.policy import Policy
from ..names import binding_name

__all__ = ["binding_for", "claim_marks", "claimed", "released"]

API_VERSION = "work.karmada.io/v1alpha2"

FROM_POLICY = (
    "conflictResolution",
    "failover",
    "placement",
    "preserveResourcesOnDeletion",
    "propagateDeps",
    "schedulerName",
)
"""Copied from the policy's spec as the user wrote it; what the policy no longer sets goes from the binding."""

_IDS = UUID("6ba8fbf6-43a5-5e3b-94e3-a9ab9e4ad4f8")


def claimed(obj: Obj, policy: Policy) -> Obj | None:
    """The template or binding with the policy's marks and no other policy's; None when it has exactly those already."""
    marks, others = _marks_of(policy)
    annotations = marks.annotations(policy.namespace, policy.name)
    return _marked(obj, {marks.permanent_id: policy.permanent_id}, annotations, others)


def released(obj: Obj) -> Obj | None:
    """The template or binding without any policy's marks; None when it has none. What was propagated stays."""
    return _marked(obj, {}, {}, POLICY_MARKS, CLUSTER_POLICY_MARKS)


def claim_marks(obj: Obj) -> tuple[dict[str, str], dict[str, str]]:
    """The labels and annotations by which it says which policy claimed it."""
    labels, annotations = labels_of(obj), annotations_of(obj)
    marks = (POLICY_MARKS, CLUSTER_POLICY_MARKS)
    return (
        {m.permanent_id: labels[m.permanent_id] for m in marks if m.permanent_id in labels},
        {key: annotations[key] for m in marks for key in m.annotation_keys if key in annotations},
    )


def binding_for(
    template: Obj, policy: Policy, existing: Obj | None, replicas: int, requirements: dict[str, Any] | None
) -> Obj | None:
    """The binding to create (no `existing`) or to write back; None when `existing` already says all of it.

    What others write stays: the scheduling result, its suspension, evictions, dependants, and any further label.
    `spec.resource.resourceVersion` alone is no change: it moves with every status write of the template.
    Raises Conflict while `existing` is going or an earlier template's, Refused when it is that of another kind.
    """
    if existing is None:
        return _filled(_skeleton(template), template, policy, replicas, requirements)
    _check_owner(existing, template)
    binding = _filled(copy_of(existing), template, policy, replicas, requirements)
    return None if _same(binding, existing) else binding


def _filled(binding: Obj, template: Obj, policy: Policy, replicas: int, requirements: dict[str, Any] | None) -> Obj:
    """`binding`, which is the caller's own copy, brought to what template and policy say."""
    binding = claimed(binding, policy) or binding
    spec = binding["spec"] = dict(binding.get("spec") or {})
    spec["resource"] = _resource(template)
    wanted = {
        **{key: policy.raw.get(key) for key in FROM_POLICY},
        "replicas": replicas,
        "replicaRequirements": requirements,
        "suspension": _suspension(policy, spec),
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


def _skeleton(template: Obj) -> Obj:
    namespace = namespace_of(template)
    name = binding_name(template["kind"], name_of(template))
    uid = str(meta_of(template).get("uid") or "")
    marks = BINDING_MARKS if namespace else CLUSTER_BINDING_MARKS
    metadata: Obj = {
        "name": name,
        # Derived, not random: the same template gets the same binding and Works back after a loss.
        "labels": {marks.permanent_id: str(uuid5(_IDS, f"{namespace}/{name}/{uid}"))},
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


def _resource(template: Obj) -> dict[str, str]:
    metadata = meta_of(template)
    resource = {"apiVersion": template["apiVersion"], "kind": template["kind"], "name": name_of(template)}
    optional = {key: str(metadata.get(key) or "") for key in ("namespace", "uid", "resourceVersion")}
    return {**resource, **{key: value for key, value in optional.items() if value}}


def _check_owner(existing: Obj, template: Obj) -> None:
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


def _marks_of(policy: Policy) -> tuple[Marks, Marks]:
    return (POLICY_MARKS, CLUSTER_POLICY_MARKS) if policy.namespace else (CLUSTER_POLICY_MARKS, POLICY_MARKS)


def _marked(obj: Obj, labels: dict[str, str], annotations: dict[str, str], *without: Marks) -> Obj | None:
    metadata = meta_of(obj)
    gone = {marks.permanent_id for marks in without} | {key for marks in without for key in marks.annotation_keys}
    changed = {}
    for field, added in (("labels", labels), ("annotations", annotations)):
        present = metadata.get(field) or {}
        wanted = {**{key: value for key, value in present.items() if key not in gone}, **added}
        if wanted != present:
            changed[field] = wanted
    if not changed:
        return None
    marked = copy_of(obj)
    marked["metadata"] = {**marked.get("metadata", {}), **changed}
    return marked


def _same(binding: Obj, existing: Obj) -> bool:
    return _comparable(binding) == _comparable(existing)


def _comparable(binding: Obj) -> Obj:
    spec = binding.get("spec") or {}
    resource = {k: v for k, v in (spec.get("resource") or {}).items() if k != "resourceVersion"}
    return {**binding, "spec": {**spec, "resource": resource}}
