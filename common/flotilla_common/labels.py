"""The labels, annotations and finalizers of Karmada that both sides read or write; the names are its API."""

__all__ = [
    "CONFLICT_RESOLUTION",
    "MANAGED",
    "MANAGED_ANNOTATIONS",
    "MANAGED_LABELS",
    "RETAIN_REPLICAS",
    "TEMPLATE_GENERATION",
    "TEMPLATE_UID",
    "WORK_NAME",
    "WORK_NAMESPACE",
    "WORK_PERMANENT_ID",
]

MANAGED = "karmada.io/managed"
"""Label, `true` on every object an agent applied; what lacks it is never deleted."""

RETAIN_REPLICAS = "resourcetemplate.karmada.io/retain-replicas"
"""Label on a template: the member's own replica count stands (an autoscaler lives there)."""

WORK_PERMANENT_ID = "work.karmada.io/permanent-id"
WORK_NAME = "work.karmada.io/name"
WORK_NAMESPACE = "work.karmada.io/namespace"
CONFLICT_RESOLUTION = "work.karmada.io/conflict-resolution"
TEMPLATE_UID = "resourcetemplate.karmada.io/uid"
TEMPLATE_GENERATION = "resourcetemplate.karmada.io/generation"
MANAGED_LABELS = "resourcetemplate.karmada.io/managed-labels"
MANAGED_ANNOTATIONS = "resourcetemplate.karmada.io/managed-annotations"
