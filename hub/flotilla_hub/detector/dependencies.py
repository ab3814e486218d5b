"""What a template refers to goes where the template goes: the binding of a dependent, and who requires it. Pure.

An independent binding lists what its template refers to in an annotation, in the write that follows the template; the
binding of each of those, the attached one, lists in `requiredBy` who needs it where. Both are compared from the side of
the dependent, so that nothing has to be remembered, and what cannot be read removes nothing.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from flotilla_common.objects import Obj, copy_of, labels_of, meta_of, name_of, namespace_of

from ..labels import BINDING_MARKS, DEPENDED_BY
from ..names import dependency_key
from .bind import check_owner, is_same, new_binding, resource_in
from .references import references_in

__all__ = ["attached", "disagreement", "is_attached", "is_rolling_out", "required_by", "requires"]


def requires(binding: Obj | None, dependent: Obj) -> bool:
    """Whether an independent binding needs the dependent wherever it is itself.

    It starts to when it is placed. Once it does, that ends only with the binding, with `propagateDeps`, or when the
    template no longer refers to the dependent; not because its list cannot be read, nor while clusters still run what
    the template was before (`is_rolling_out`).
    """
    if binding is None or meta_of(binding).get("deletionTimestamp") or not binding["spec"].get("propagateDeps"):
        return False
    references = references_in(binding)
    return references is None or any(reference.names(dependent) for reference in references)


def is_rolling_out(binding: Obj, template: Obj | None) -> bool:
    """Whether a change of the template reaches clusters in waves, and has not reached all of them."""
    strategy = (binding["spec"].get("placement") or {}).get("schedulerStrategy") or {}
    if template is None or strategy.get("type") != "RollingUpdate":
        return False
    rollout = (binding.get("status") or {}).get("rollout") or {}
    is_known = rollout.get("generation") == meta_of(template).get("generation")
    return not (is_known and rollout.get("complete"))


def attached(dependent: Obj, existing: Obj | None, requirers: Sequence[Obj]) -> Obj | None:
    """The dependent's binding to create (no `existing`) or to write back; None when there is nothing to write.

    `requirers`: the independent bindings that require it (see `requires`). A binding with a policy of its own keeps all
    it has and is needed in more clusters; one without takes Overwrite and preservation from any requirer that has them.
    The binding stays when nobody requires it any more. Raises what `bind.check_owner` does.
    """
    known = {(entry.get("namespace", ""), entry["name"]) for entry in required_by(existing)}
    wanted = [b for b in requirers if b["spec"].get("clusters") or (namespace_of(b), name_of(b)) in known]
    if not wanted and not (existing and is_attached(existing)):
        return None
    if existing is None:
        return _filled(new_binding(dependent), dependent, wanted)
    check_owner(existing, dependent)
    binding = _filled(copy_of(existing), dependent, wanted)
    return None if is_same(binding, existing) else binding


def is_attached(binding: Obj) -> bool:
    """Whether somebody required it when it was last written."""
    return bool(required_by(binding)) or any(key.startswith(DEPENDED_BY) for key in labels_of(binding))


def disagreement(dependent: Obj, binding: Obj, requirers: Sequence[Obj]) -> str:
    """On what the policies of those who require it disagree, in words; empty for nothing, or with one of its own."""
    if "placement" in binding["spec"]:
        return ""
    found = [
        f"{field} is {binding['spec'].get(field)}, as {_names(requirers, field, binding['spec'].get(field))} wants"
        for field in ("conflictResolution", "preserveResourcesOnDeletion")
        if len({_setting(requirer, field) for requirer in requirers}) > 1
    ]
    if not found:
        return ""
    return f"Dependency policy conflict detected for {dependent['kind']} {name_of(dependent)}: {'; '.join(found)}"


def _filled(binding: Obj, dependent: Obj, requirers: Sequence[Obj]) -> Obj:
    """`binding`, which is the caller's own copy, as those who require it need it."""
    metadata, spec = binding["metadata"], binding["spec"]
    kept = {key: value for key, value in (metadata.get("labels") or {}).items() if not key.startswith(DEPENDED_BY)}
    metadata["labels"] = {**kept, **dict(map(_label, requirers))}
    spec["resource"] = resource_in(dependent)
    snapshots = sorted((_snapshot(b) for b in requirers), key=lambda entry: (entry["namespace"], entry["name"]))
    spec.pop("requiredBy", None)
    if snapshots:
        spec["requiredBy"] = snapshots
    if "placement" not in spec and requirers:
        overwrites = any(_setting(b, "conflictResolution") == "Overwrite" for b in requirers)
        spec["conflictResolution"] = "Overwrite" if overwrites else "Abort"
        spec.pop("preserveResourcesOnDeletion", None)
        if any(_setting(b, "preserveResourcesOnDeletion") for b in requirers):
            spec["preserveResourcesOnDeletion"] = True
    return copy_of(binding)  # the clusters are shared with the requirers until here


def _setting(binding: Obj, field: str) -> Any:
    return binding["spec"].get(field) or ("Abort" if field == "conflictResolution" else False)


def _names(requirers: Sequence[Obj], field: str, value: Any) -> str:
    return ", ".join(sorted(f"{namespace_of(b)}/{name_of(b)}" for b in requirers if _setting(b, field) == value))


def _label(binding: Obj) -> tuple[str, str]:
    key = DEPENDED_BY + dependency_key(namespace_of(binding), name_of(binding))
    return key, labels_of(binding).get(BINDING_MARKS.permanent_id, "")


def _snapshot(binding: Obj) -> Obj:
    return {"namespace": namespace_of(binding), "name": name_of(binding), "clusters": list(_clusters(binding))}


def _clusters(binding: Obj) -> Iterator[Obj]:
    """Where it is, and where it still is while its replacement starts elsewhere."""
    targets = binding["spec"].get("clusters") or []
    yield from targets
    names = {target["name"] for target in targets}
    for task in binding["spec"].get("gracefulEvictionTasks") or ():
        if task.get("purgeMode") != "Directly" and task["fromCluster"] not in names:
            yield {"name": task["fromCluster"]}


def required_by(binding: Obj | None) -> Sequence[Obj]:
    """Who required it when it was last written: namespace, name and clusters of each binding."""
    return ((binding or {}).get("spec") or {}).get("requiredBy") or ()
