"""What a manifest carries beside the user's own content: all an agent needs to apply, own and remove it."""

from typing import Any, NamedTuple

from flotilla_common.labels import (
    CONFLICT_RESOLUTION,
    MANAGED,
    MANAGED_ANNOTATIONS,
    MANAGED_LABELS,
    TEMPLATE_GENERATION,
    TEMPLATE_UID,
    WORK_NAME,
    WORK_NAMESPACE,
    WORK_PERMANENT_ID,
)
from flotilla_common.objects import Obj, annotations_of, labels_of, meta_of

__all__ = ["Origin", "conflict_resolution", "for_work", "with_keys_recorded"]

RESOLUTIONS = ("abort", "overwrite")


class Origin(NamedTuple):
    """What is the same in every cluster's manifest of one template: marks of the binding and of the template."""

    labels: dict[str, str]
    annotations: dict[str, str]

    @classmethod
    def of(
        cls, template: Obj, binding_labels: dict[str, str], binding_annotations: dict[str, str], resolution: str
    ) -> "Origin":
        metadata = meta_of(template)
        annotations = {
            **binding_annotations,
            TEMPLATE_UID: str(metadata.get("uid") or ""),
            TEMPLATE_GENERATION: str(metadata.get("generation") or 0),
            CONFLICT_RESOLUTION: conflict_resolution(template, resolution),
        }
        return cls({**binding_labels, MANAGED: "true"}, annotations)


def conflict_resolution(template: Obj, default: str) -> str:
    """`abort` or `overwrite`: the template's own annotation when it is one of them, else the binding's setting."""
    own = annotations_of(template).get(CONFLICT_RESOLUTION, "")
    return own if own in RESOLUTIONS else (default or "abort").lower()


def for_work(manifest: Obj, origin: Origin, namespace: str, name: str, permanent_id: str) -> Obj:
    """The manifest as the agent of one cluster applies it. The input's spec is shared, its metadata is not touched."""
    metadata = manifest["metadata"]
    labels = {**(metadata.get("labels") or {}), **origin.labels, WORK_PERMANENT_ID: permanent_id}
    annotations = {
        **(metadata.get("annotations") or {}),
        **origin.annotations,
        WORK_NAMESPACE: namespace,
        WORK_NAME: name,
    }
    return with_keys_recorded({**manifest, "metadata": {**metadata, "labels": labels, "annotations": annotations}})


def with_keys_recorded(manifest: Obj) -> Obj:
    """Names all label and annotation keys we set, so that one the user takes away later disappears from the member."""
    annotations: dict[str, Any] = {**annotations_of(manifest), MANAGED_LABELS: "", MANAGED_ANNOTATIONS: ""}
    annotations[MANAGED_LABELS] = ",".join(sorted(labels_of(manifest)))
    annotations[MANAGED_ANNOTATIONS] = ",".join(sorted(annotations))
    return {**manifest, "metadata": {**manifest["metadata"], "annotations": annotations}}
