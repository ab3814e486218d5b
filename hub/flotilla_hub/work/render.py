"""A Work as people read and write it (work.karmada.io/v1alpha1) from, and into, the message an agent gets. Pure."""

from collections.abc import Mapping
from typing import Any

import orjson

from flotilla_common.errors import FieldError, Invalid
from flotilla_common.labels import MANAGED, WORK_NAME, WORK_NAMESPACE, WORK_PERMANENT_ID
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import Obj, annotations_of, decode, labels_of, meta_of, name_of, namespace_of

from ..labels import EXECUTION_FINALIZER
from ..names import cluster_of
from .manifest import with_keys_recorded

__all__ = ["as_object", "from_object"]

KEPT = ("annotations", "creationTimestamp", "finalizers", "labels", "name", "namespace")
"""What of a Work's metadata travels in the message; the rest is the hub's own bookkeeping."""


def as_object(
    message: WorkMessage, status: Mapping[str, Any] | None = None, metadata: Mapping[str, Any] | None = None
) -> Obj:
    """`metadata`: what the hub knows beside the message, such as resourceVersion and creationTimestamp."""
    meta = decode(message.meta)
    uid = (meta.get("labels") or {}).get(WORK_PERMANENT_ID, "")
    spec: Obj = {"workload": {"manifests": [decode(manifest) for manifest in message.manifests]}}
    if message.suspended:
        spec["suspendDispatching"] = True
    if message.preserve:
        spec["preserveResourcesOnDeletion"] = True
    work: Obj = {
        "apiVersion": "work.karmada.io/v1alpha1",
        "kind": "Work",
        # The permanent id is as unique as a uid has to be, and the same after every restart.
        "metadata": {**meta, **({"uid": uid} if uid else {}), **(metadata or {})},
        "spec": spec,
    }
    if status:
        work["status"] = dict(status)
    return work


def from_object(obj: Obj) -> WorkMessage:
    """The message of a Work a user wrote, once admitted. Raises Invalid when its namespace belongs to no cluster."""
    try:
        cluster = cluster_of(namespace_of(obj))
    except ValueError as err:
        raise Invalid(f"Work {name_of(obj)}", (FieldError("metadata.namespace", str(err)),)) from err
    spec = obj.get("spec") or {}
    meta = {key: value for key, value in meta_of(obj).items() if key in KEPT}
    meta["finalizers"] = sorted({EXECUTION_FINALIZER, *(meta.get("finalizers") or ())})
    return WorkMessage(
        cluster=cluster,
        name=name_of(obj),
        manifests=[_encoded(_marked(m, obj)) for m in (spec.get("workload") or {}).get("manifests") or ()],
        meta=_encoded(meta),
        suspended=bool(spec.get("suspendDispatching")),
        preserve=bool(spec.get("preserveResourcesOnDeletion")),
    )


def _marked(manifest: Obj, work: Obj) -> Obj:
    """With the marks every applied object needs; a Work that the hub built has them already."""
    labels = {**labels_of(manifest), MANAGED: "true", WORK_PERMANENT_ID: labels_of(work).get(WORK_PERMANENT_ID, "")}
    annotations = {**annotations_of(manifest), WORK_NAMESPACE: namespace_of(work), WORK_NAME: name_of(work)}
    metadata = {**meta_of(manifest), "labels": labels, "annotations": annotations}
    return with_keys_recorded({**manifest, "metadata": metadata})


def _encoded(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
