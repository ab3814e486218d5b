"""Namespaces: what every namespace carries, and which ones the hub starts with. Pure."""

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj, name_of

from .draft import draft_of

__all__ = ["BOOTSTRAP_NAMESPACES", "default", "finalizers_kept", "validate"]

BOOTSTRAP_NAMESPACES = ("default", "kube-system", "kube-public", "karmada-system", "karmada-cluster")
"""There from the first start; the app creates what is missing."""


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """The finalizer stands for what is in it; the garbage collector takes it off when all of that is gone."""
    draft = draft_of(obj)
    metadata = draft.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("labels"), dict | None):
        metadata["labels"] = {**(metadata.get("labels") or {}), "kubernetes.io/metadata.name": name_of(obj)}
    if old is None:
        draft["spec"] = {**(draft.get("spec") or {}), "finalizers": ["kubernetes"]}
        draft["status"] = {"phase": "Active"}
    return draft


def finalizers_kept(old: Obj, new: Obj) -> Obj:
    """`new` with the finalizers `old` has in its spec: only the finalize subresource may change them."""
    spec = new.get("spec")
    if not isinstance(spec, dict | None):
        return new
    rest = {k: v for k, v in (spec or {}).items() if k != "finalizers"}
    held = (old.get("spec") or {}).get("finalizers")
    return {**new, "spec": {**rest, **({"finalizers": held} if held is not None else {})}}


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    return ()
