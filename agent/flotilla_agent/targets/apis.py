"""Which kinds a simulated cluster serves: the usual built-in ones, Flux's when asked for, and those of applied CRDs."""

from collections.abc import Iterable
from typing import NamedTuple

from flotilla_common.objects import GVK, Obj

__all__ = ["BUILT_IN", "BUNDLES", "Api", "enablements", "of_crd"]


class Api(NamedTuple):
    """A kind as a cluster serves it; `resource` is its plural."""

    gvk: GVK
    resource: str
    is_namespaced: bool = True


def _rows(group: str, version: str, names: str, *, is_namespaced: bool = True) -> list[Api]:
    """`names`: `Kind/plural` words."""
    pairs = (word.split("/") for word in names.split())
    return [Api(GVK(group, version, kind), plural, is_namespaced) for kind, plural in pairs]


BUILT_IN: tuple[Api, ...] = (
    *_rows("", "v1", "Namespace/namespaces Node/nodes PersistentVolume/persistentvolumes", is_namespaced=False),
    *_rows("", "v1", "ConfigMap/configmaps Secret/secrets Service/services ServiceAccount/serviceaccounts Pod/pods"),
    *_rows("", "v1", "PersistentVolumeClaim/persistentvolumeclaims ResourceQuota/resourcequotas"),
    *_rows("", "v1", "LimitRange/limitranges Endpoints/endpoints ReplicationController/replicationcontrollers"),
    *_rows("apps", "v1", "Deployment/deployments StatefulSet/statefulsets DaemonSet/daemonsets"),
    *_rows("apps", "v1", "ReplicaSet/replicasets ControllerRevision/controllerrevisions"),
    *_rows("autoscaling", "v2", "HorizontalPodAutoscaler/horizontalpodautoscalers"),
    *_rows("batch", "v1", "Job/jobs CronJob/cronjobs"),
    *_rows("discovery.k8s.io", "v1", "EndpointSlice/endpointslices"),
    *_rows("networking.k8s.io", "v1", "Ingress/ingresses NetworkPolicy/networkpolicies"),
    *_rows("networking.k8s.io", "v1", "IngressClass/ingressclasses", is_namespaced=False),
    *_rows("policy", "v1", "PodDisruptionBudget/poddisruptionbudgets"),
    *_rows("rbac.authorization.k8s.io", "v1", "Role/roles RoleBinding/rolebindings"),
    *_rows(
        "rbac.authorization.k8s.io",
        "v1",
        "ClusterRole/clusterroles ClusterRoleBinding/clusterrolebindings",
        is_namespaced=False,
    ),
    *_rows("scheduling.k8s.io", "v1", "PriorityClass/priorityclasses", is_namespaced=False),
    *_rows("storage.k8s.io", "v1", "StorageClass/storageclasses", is_namespaced=False),
    *_rows("apiextensions.k8s.io", "v1", "CustomResourceDefinition/customresourcedefinitions", is_namespaced=False),
)

BUNDLES: dict[str, tuple[Api, ...]] = {
    "flux": (
        *_rows("helm.toolkit.fluxcd.io", "v2", "HelmRelease/helmreleases"),
        *_rows("helm.toolkit.fluxcd.io", "v2beta1", "HelmRelease/helmreleases"),
        *_rows("kustomize.toolkit.fluxcd.io", "v1", "Kustomization/kustomizations"),
        *_rows("kustomize.toolkit.fluxcd.io", "v1beta2", "Kustomization/kustomizations"),
        *_rows("source.toolkit.fluxcd.io", "v1", "HelmRepository/helmrepositories HelmChart/helmcharts"),
        *_rows("source.toolkit.fluxcd.io", "v1", "GitRepository/gitrepositories OCIRepository/ocirepositories"),
        *_rows("source.toolkit.fluxcd.io", "v1beta2", "HelmRepository/helmrepositories Bucket/buckets"),
    ),
}
"""Named sets a simulated cluster can have from the start, as if their CRDs had been installed."""


def of_crd(crd: Obj) -> list[Api]:
    """The kinds a CustomResourceDefinition adds."""
    spec = crd["spec"]
    names = spec["names"]
    return [
        Api(GVK(spec["group"], version["name"], names["kind"]), names["plural"], spec.get("scope") != "Cluster")
        for version in spec["versions"]
        if version.get("served", True)
    ]


def enablements(apis: Iterable[Api]) -> list[Obj]:
    """`Cluster.status.apiEnablements`: sorted, one entry for each group and version."""
    found: dict[str, list[Obj]] = {}
    for api in sorted(apis, key=lambda a: (a.gvk.api_version, a.resource)):
        found.setdefault(api.gvk.api_version, []).append({"name": api.resource, "kind": api.gvk.kind})
    return [{"groupVersion": version, "resources": resources} for version, resources in found.items()]
