"""Namespaces: what every namespace carries, and which ones the hub starts with. Pure."""

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj, name_of

from .draft import draft_of

__all__ = ["BOOTSTRAP_NAMESPACES", "default", "validate"]

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


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    return ()
