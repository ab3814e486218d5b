"""The table of built-in kinds the hub serves. Adding a kind is adding a row.

What `kubectl get` prints of each is in printed.py, a kind that is not there prints its name and age.
"""

from dataclasses import replace
from typing import Any

from flotilla_common.objects import GVK, Obj, name_of
from flotilla_hub.admission.cron_federated_hpa import CronFederatedHPASpec
from flotilla_hub.admission.interpreter_customization import InterpreterSpec
from flotilla_hub.admission.multi_cluster_service import MultiClusterServiceSpec
from flotilla_hub.admission.remedy import RemedySpec
from flotilla_hub.admission.resource_registry import ResourceRegistrySpec
from flotilla_hub.model.binding import BindingSpec
from flotilla_hub.model.cluster_spec import ClusterSpec
from flotilla_hub.model.override import OverrideSpec
from flotilla_hub.model.policy import PropagationSpec
from flotilla_hub.model.quota import QuotaSpec
from flotilla_hub.model.rebalancer import RebalancerSpec
from flotilla_hub.model.taint_policy import TaintPolicySpec

from .columns import AGE, NAME
from .printed import PRINTED
from .resource import Resource, Scale, Schema
from .schemas import schema_of

__all__ = ["BUILTIN", "REVIEWS", "is_built_in", "rival_of"]


def _kind(api_version: str, kind: str, short: str = "", *, plural: str = "", **more: Any) -> Resource:
    """Namespaced and in no category unless `more` says otherwise; the plural adds an `s` unless given."""
    group, version, _ = GVK.parse(api_version, kind)
    singular = kind.lower()
    columns = PRINTED.get(kind, (AGE,))
    if columns[-1].name != NAME.name:
        columns = (NAME, *columns)
    names = (kind, plural or f"{singular}s", singular, tuple(short.split()))
    return Resource(group, (version,), *names, columns=columns, **more)


def _kubernetes(api_version: str, kind: str, short: str = "", **more: Any) -> Resource:
    row = _kind(api_version, kind, short, **more)
    return replace(row, upstream=True, schema=schema_of(row.gvk()))


_OPEN: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_REVISION: Schema = {"type": "object", "properties": {"data": _OPEN, "revision": {"type": "integer"}}}
_HPA = ("autoscaling/v2", "HorizontalPodAutoscaler")


def _spec_like(api_version: str, kind: str) -> Schema:
    """The schema of a kind of ours that holds the spec of one of Kubernetes'."""
    schema = schema_of(GVK.parse(api_version, kind))
    assert schema is not None
    return {"type": "object", "properties": {"spec": schema["properties"]["spec"], "status": _OPEN}}


_ALL: dict[str, Any] = {"categories": ("all",)}
_EXTENSION: dict[str, Any] = {"categories": ("api-extensions",), "namespaced": False}
_KARMADA: dict[str, Any] = {"categories": ("karmada-io",)}
_PROPAGATION: dict[str, Any] = {**_KARMADA, "spec_model": PropagationSpec}
_OVERRIDE: dict[str, Any] = {**_KARMADA, "spec_model": OverrideSpec}
_BINDING: dict[str, Any] = {**_KARMADA, "spec_model": BindingSpec, "status": True}
_STATUS: dict[str, Any] = {"status": True}
_QUOTA: dict[str, Any] = {**_KARMADA, "spec_model": QuotaSpec, **_STATUS}
_IDLE: dict[str, Any] = {**_KARMADA, "status": True}
"""Kinds that are stored and not acted upon yet: whoever writes one is told (see admission/__init__.py)."""
_REBALANCER: dict[str, Any] = {**_KARMADA, "spec_model": RebalancerSpec, **_STATUS, "namespaced": False}
_SCALED: dict[str, Any] = {"status": True, "scale": Scale()}
_WIDE: dict[str, Any] = {"namespaced": False}
_POLICY = "policy.karmada.io/v1alpha1"
_AUTOSCALING = "autoscaling.karmada.io/v1alpha1"
_NETWORKING = "networking.karmada.io/v1alpha1"
_CREATE: dict[str, Any] = {"namespaced": False, "verbs": ("create",)}

BUILTIN: tuple[Resource, ...] = (
    _kubernetes("v1", "Namespace", "ns", **_WIDE, **_STATUS),
    _kubernetes("v1", "ConfigMap", "cm"),
    _kubernetes("v1", "Secret"),
    _kubernetes("v1", "Service", "svc", **_ALL, **_STATUS),
    _kubernetes("v1", "ServiceAccount", "sa"),
    _kubernetes("v1", "Pod", "po", **_ALL, **_STATUS),
    _kubernetes("v1", "PersistentVolumeClaim", "pvc", **_STATUS),
    _kubernetes("v1", "PersistentVolume", "pv", **_WIDE, **_STATUS),
    _kubernetes("v1", "ResourceQuota", "quota", **_STATUS),
    _kubernetes("v1", "LimitRange", "limits"),
    _kubernetes("v1", "ReplicationController", "rc", **_ALL, **_SCALED),
    _kubernetes("v1", "Endpoints", "ep", plural="endpoints"),
    _kubernetes("v1", "Event", "ev"),
    _kubernetes("apps/v1", "Deployment", "deploy", **_ALL, **_SCALED),
    _kubernetes("apps/v1", "StatefulSet", "sts", **_ALL, **_SCALED),
    _kubernetes("apps/v1", "DaemonSet", "ds", **_ALL, **_STATUS),
    _kubernetes("apps/v1", "ReplicaSet", "rs", **_ALL, **_SCALED),
    _kind("apps/v1", "ControllerRevision", schema=_REVISION),
    _kubernetes("batch/v1", "Job", **_ALL, **_STATUS),
    _kubernetes("batch/v1", "CronJob", "cj", **_ALL, **_STATUS),
    _kubernetes("autoscaling/v2", "HorizontalPodAutoscaler", "hpa", **_ALL, **_STATUS),
    _kubernetes("policy/v1", "PodDisruptionBudget", "pdb", **_STATUS),
    _kubernetes("networking.k8s.io/v1", "Ingress", "ing", plural="ingresses", **_STATUS),
    _kubernetes("networking.k8s.io/v1", "NetworkPolicy", "netpol", plural="networkpolicies"),
    _kubernetes("networking.k8s.io/v1", "IngressClass", plural="ingressclasses", **_WIDE),
    _kubernetes("discovery.k8s.io/v1", "EndpointSlice"),
    _kubernetes("rbac.authorization.k8s.io/v1", "Role"),
    _kubernetes("rbac.authorization.k8s.io/v1", "RoleBinding"),
    _kubernetes("rbac.authorization.k8s.io/v1", "ClusterRole", **_WIDE),
    _kubernetes("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", **_WIDE),
    _kubernetes("scheduling.k8s.io/v1", "PriorityClass", "pc", plural="priorityclasses", **_WIDE),
    _kubernetes("storage.k8s.io/v1", "StorageClass", "sc", plural="storageclasses", **_WIDE),
    _kubernetes("coordination.k8s.io/v1", "Lease"),
    _kubernetes("apiextensions.k8s.io/v1", "CustomResourceDefinition", "crd crds", **_EXTENSION, **_STATUS),
    _kubernetes("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", **_EXTENSION),
    _kubernetes("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", **_EXTENSION),
    _kind("cluster.karmada.io/v1alpha1", "Cluster", spec_model=ClusterSpec, **_WIDE, **_STATUS),
    _kind(_POLICY, "PropagationPolicy", "pp", plural="propagationpolicies", **_PROPAGATION),
    _kind(_POLICY, "ClusterPropagationPolicy", "cpp", plural="clusterpropagationpolicies", **_PROPAGATION, **_WIDE),
    _kind(_POLICY, "OverridePolicy", "op", plural="overridepolicies", **_OVERRIDE),
    _kind(_POLICY, "ClusterOverridePolicy", "cop", plural="clusteroverridepolicies", **_OVERRIDE, **_WIDE),
    _kind(
        _POLICY, "ClusterTaintPolicy", plural="clustertaintpolicies", spec_model=TaintPolicySpec, **_KARMADA, **_WIDE
    ),
    _kind(_POLICY, "FederatedResourceQuota", **_QUOTA),
    _kind(_AUTOSCALING, "FederatedHPA", "fhpa", schema=_spec_like(*_HPA), **_IDLE),
    _kind(_AUTOSCALING, "CronFederatedHPA", "cronfhpa", spec_model=CronFederatedHPASpec, **_IDLE),
    _kind(_NETWORKING, "MultiClusterService", "mcs", spec_model=MultiClusterServiceSpec, **_IDLE),
    _kind(
        _NETWORKING,
        "MultiClusterIngress",
        "mci",
        plural="multiclusteringresses",
        schema=_spec_like("networking.k8s.io/v1", "Ingress"),
        **_IDLE,
    ),
    _kind("remedy.karmada.io/v1alpha1", "Remedy", plural="remedies", spec_model=RemedySpec, **_KARMADA, **_WIDE),
    _kind(
        "search.karmada.io/v1alpha1",
        "ResourceRegistry",
        plural="resourceregistries",
        spec_model=ResourceRegistrySpec,
        **_IDLE,
        **_WIDE,
    ),
    _kind(
        "config.karmada.io/v1alpha1",
        "ResourceInterpreterCustomization",
        "ric",
        spec_model=InterpreterSpec,
        **_KARMADA,
        **_WIDE,
    ),
    _kind("work.karmada.io/v1alpha2", "ResourceBinding", "rb", **_BINDING),
    _kind("work.karmada.io/v1alpha2", "ClusterResourceBinding", "crb", **_BINDING, **_WIDE),
    _kind("work.karmada.io/v1alpha1", "Work", "wk", **_KARMADA, **_STATUS),
    _kind("apps.karmada.io/v1alpha1", "WorkloadRebalancer", **_REBALANCER),
)

REVIEWS: tuple[Resource, ...] = (
    _kind("authorization.k8s.io/v1", "SelfSubjectAccessReview", **_CREATE),
    _kind("authorization.k8s.io/v1", "SelfSubjectRulesReview", **_CREATE),
    _kind("authentication.k8s.io/v1", "SelfSubjectReview", **_CREATE),
)
"""Questions rather than objects: they are answered and not stored."""

_FIXED = (*BUILTIN, *REVIEWS)
_KEYS = frozenset(r.key for r in _FIXED)
_KINDS = {(r.group, r.kind): r for r in _FIXED}


def is_built_in(key: str) -> bool:
    """Whether the hub serves `deployments.apps`, whatever definitions say."""
    return key in _KEYS


def rival_of(crd: Obj) -> str | None:
    """The built-in kind, if any, whose name or kind the definition asks for: it can be stored, but is not served."""
    if is_built_in(name_of(crd)):
        return name_of(crd)
    spec = crd["spec"]
    rival = _KINDS.get((spec.get("group"), spec["names"].get("kind")))
    return rival.key if rival else None
