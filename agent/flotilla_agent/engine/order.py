"""In which order kinds are applied: what others live in or depend on goes first. Pure. Deletion is the reverse."""

from collections.abc import Iterable

from flotilla_common.objects import GVK

__all__ = ["LAST", "rank", "removal_rank", "turn"]

_ORDER = (
    ("", "Namespace"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("storage.k8s.io", "StorageClass"),
    ("", "ResourceQuota"),
    ("", "LimitRange"),
    ("", "ServiceAccount"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io", "Role"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
    ("", "Secret"),
    ("", "ConfigMap"),
    ("", "PersistentVolume"),
    ("", "PersistentVolumeClaim"),
    ("source.toolkit.fluxcd.io", "HelmRepository"),
    ("source.toolkit.fluxcd.io", "GitRepository"),
    ("source.toolkit.fluxcd.io", "OCIRepository"),
    ("source.toolkit.fluxcd.io", "Bucket"),
    ("", "Service"),
)
_RANK = {kind: number for number, kind in enumerate(_ORDER)}

# A webhook may need a workload that comes with it; until that runs, it would refuse everything else.
_WEBHOOKS = {
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
}

LAST = len(_ORDER) + 1


def rank(gvk: GVK) -> int:
    """0 goes first, `LAST` goes last; kinds the table does not name share the place before webhooks."""
    kind = (gvk.group, gvk.kind)
    return LAST if kind in _WEBHOOKS else _RANK.get(kind, len(_ORDER))


def removal_rank(gvk: GVK) -> int:
    """0 goes first: whatever was applied last."""
    return LAST - rank(gvk)


def turn(kinds: Iterable[GVK], *, removing: bool = False) -> int:
    """When a whole Work has its turn: with the first of its kinds, or, `removing` it, with the last."""
    return max(map(removal_rank, kinds), default=0) if removing else min(map(rank, kinds), default=LAST)
