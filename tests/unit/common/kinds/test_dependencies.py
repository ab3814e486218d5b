"""What has to travel with a template, kind by kind."""

from typing import Any

import pytest

from flotilla_common.kinds import dependencies_of
from flotilla_common.objects import Obj, copy_of


def obj(api_version: str, kind: str, spec: Any) -> Obj:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "it", "namespace": "shop"}, "spec": spec}


def pod(**spec: Any) -> Obj:
    return obj("v1", "Pod", spec)


def container(**fields: Any) -> Obj:
    return {"name": "main", **fields}


def volume(**source: Any) -> Obj:
    return pod(volumes=[{"name": "v", **source}])


CONFIG, SECRET = "ConfigMap conf", "Secret key"
FROM = {"configMapRef": {"name": "conf"}}

PODS = [
    pytest.param(pod(), [], id="nothing"),
    pytest.param(pod(containers=[container(envFrom=[FROM])]), [CONFIG], id="all-of-a-config-map-as-environment"),
    pytest.param(pod(initContainers=[container(envFrom=[FROM])]), [CONFIG], id="of-an-init-container"),
    pytest.param(pod(ephemeralContainers=[container(envFrom=[FROM])]), [CONFIG], id="of-an-ephemeral-container"),
    pytest.param(
        pod(
            containers=[container(env=[{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "conf", "key": "a"}}}])]
        ),
        [CONFIG],
        id="one-key-of-a-config-map",
    ),
    pytest.param(
        pod(containers=[container(env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "key", "key": "a"}}}])]),
        [SECRET],
        id="one-key-of-a-secret",
    ),
    pytest.param(
        pod(containers=[container(env=[{"name": "A", "value": "1"}, {"name": "B", "valueFrom": {"fieldRef": {}}}])]),
        [],
        id="a-plain-value-refers-to-nothing",
    ),
    pytest.param(pod(containers=[container(envFrom=[{"secretRef": {"name": "key"}}])]), [SECRET], id="all-of-a-secret"),
    pytest.param(volume(configMap={"name": "conf", "optional": True}), [CONFIG], id="even-if-it-is-optional"),
    pytest.param(volume(secret={"secretName": "key"}), [SECRET], id="a-secret-volume"),
    pytest.param(
        volume(
            projected={"sources": [{"configMap": {"name": "conf"}}, {"secret": {"name": "key"}}, {"downwardAPI": {}}]}
        ),
        [CONFIG, SECRET],
        id="a-projected-volume",
    ),
    pytest.param(volume(azureFile={"secretName": "key", "shareName": "s"}), [SECRET], id="azure-file"),
    pytest.param(volume(csi={"nodePublishSecretRef": {"name": "key"}}), [SECRET], id="csi"),
    *(
        pytest.param(volume(**{source: {"secretRef": {"name": "key"}}}), [SECRET], id=source)
        for source in ("cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos")
    ),
    pytest.param(volume(persistentVolumeClaim={"claimName": "disk"}), ["PersistentVolumeClaim disk"], id="a-claim"),
    pytest.param(volume(emptyDir={}), [], id="an-empty-dir-refers-to-nothing"),
    pytest.param(pod(imagePullSecrets=[{"name": "key"}]), [SECRET], id="image-pull-secrets"),
    pytest.param(pod(serviceAccountName="robot"), ["ServiceAccount robot"], id="a-service-account"),
    pytest.param(pod(serviceAccountName="default"), [], id="the-default-account-is-there-anyway"),
    pytest.param(pod(serviceAccountName=""), [], id="no-account-is-none"),
    pytest.param(pod(containers=[container(envFrom=[FROM, FROM])]), [CONFIG], id="named-twice-is-one"),
    pytest.param(pod(containers="nonsense"), [], id="another-shape-refers-to-nothing"),
]

POD = {
    "containers": [container(envFrom=[FROM])],
    "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}],
}
TEMPLATE = {"template": {"spec": POD}}
OF_THE_POD = [CONFIG, "PersistentVolumeClaim data"]

WORKLOADS = [
    *(
        pytest.param(obj(version, kind, TEMPLATE), OF_THE_POD, id=kind)
        for version, kind in [
            ("apps/v1", "DaemonSet"),
            ("apps/v1", "Deployment"),
            ("apps/v1", "ReplicaSet"),
            ("apps/v1", "StatefulSet"),
            ("batch/v1", "Job"),
        ]
    ),
    pytest.param(obj("batch/v1", "CronJob", {"jobTemplate": {"spec": TEMPLATE}}), OF_THE_POD, id="CronJob"),
    pytest.param(
        obj("apps/v1", "StatefulSet", {**TEMPLATE, "volumeClaimTemplates": [{"metadata": {"name": "data"}}]}),
        [CONFIG],
        id="a-StatefulSet's-own-claims-are-no-dependency",
    ),
    pytest.param(
        obj("networking.k8s.io/v1", "Ingress", {"tls": [{"secretName": "key"}, {"hosts": ["h"]}]}),
        [SECRET],
        id="an-Ingress's-certificates",
    ),
    pytest.param(obj("v1", "ConfigMap", {}), [], id="a-ConfigMap-has-none"),
    pytest.param(obj("example.org/v1", "Thing", TEMPLATE), [], id="a-kind-nobody-described-has-none"),
]

GROUP = {"template": {"spec": {"serviceAccountName": "robot", "containers": [container(envFrom=[FROM])]}}}
SUBMITTER = {"spec": {"imagePullSecrets": [{"name": "key"}]}}
OF_THE_GROUP = [CONFIG, "ServiceAccount robot"]
SEVERAL = [
    pytest.param(
        obj("kubeflow.org/v1", "PyTorchJob", {"pytorchReplicaSpecs": {"Master": GROUP, "Worker": GROUP}}),
        OF_THE_GROUP,
        id="PyTorchJob",
    ),
    pytest.param(obj("kubeflow.org/v1", "TFJob", {"tfReplicaSpecs": {"PS": GROUP}}), OF_THE_GROUP, id="TFJob"),
    pytest.param(obj("ray.io/v1", "RayCluster", {"headGroupSpec": GROUP}), OF_THE_GROUP, id="RayCluster"),
    pytest.param(obj("ray.io/v1", "RayCluster", {"workerGroupSpecs": [GROUP]}), OF_THE_GROUP, id="RayCluster-workers"),
    pytest.param(
        obj("ray.io/v1", "RayJob", {"rayClusterSpec": {"headGroupSpec": GROUP}, "submitterPodTemplate": SUBMITTER}),
        [CONFIG, SECRET, "ServiceAccount robot"],
        id="RayJob-and-who-submits-it",
    ),
]

HELM, KUSTOMIZE, SOURCE = "helm.toolkit.fluxcd.io/v2", "kustomize.toolkit.fluxcd.io/v1", "source.toolkit.fluxcd.io/v1"
REF = {"secretRef": {"name": "key"}}
FLUX = [
    pytest.param(
        obj(
            HELM,
            "HelmRelease",
            {"valuesFrom": [{"kind": "ConfigMap", "name": "conf"}, {"kind": "Secret", "name": "s"}]},
        ),
        [CONFIG, "Secret s"],
        id="HelmRelease-values",
    ),
    pytest.param(
        obj(
            HELM,
            "HelmRelease",
            {"chart": {"spec": {"verify": REF, "sourceRef": {"kind": "GitRepository", "name": "g"}}}},
        ),
        [SECRET],
        id="HelmRelease-verification-but-not-its-source",
    ),
    pytest.param(
        obj(HELM, "HelmRelease", {"kubeConfig": REF, "serviceAccountName": "robot"}),
        [SECRET, "ServiceAccount robot"],
        id="HelmRelease-target",
    ),
    pytest.param(
        obj(KUSTOMIZE, "Kustomization", {"decryption": REF, "kubeConfig": {"secretRef": {"name": "target"}}}),
        [SECRET, "Secret target"],
        id="Kustomization",
    ),
    pytest.param(
        obj(SOURCE, "GitRepository", {**REF, "verify": {"secretRef": {"name": "pgp"}}}),
        [SECRET, "Secret pgp"],
        id="GitRepository",
    ),
    pytest.param(obj(SOURCE, "HelmRepository", REF), [SECRET], id="HelmRepository"),
    pytest.param(obj(SOURCE, "Bucket", REF), [SECRET], id="Bucket"),
    pytest.param(obj(SOURCE, "HelmChart", {"verify": REF}), [SECRET], id="HelmChart"),
    pytest.param(
        obj(SOURCE, "OCIRepository", {"certSecretRef": {"name": "key"}}),
        [SECRET],
        id="OCIRepository-without-an-account",
    ),
]


@pytest.mark.parametrize(("template", "expected"), [*PODS, *WORKLOADS, *SEVERAL, *FLUX])
def test_dependencies(template: Obj, expected: list[str]) -> None:
    before = copy_of(template)
    found = dependencies_of(template)
    assert [f"{each['kind']} {each['name']}" for each in found] == expected
    assert all((each["apiVersion"], each["namespace"]) == ("v1", "shop") for each in found)
    assert template == before


def test_a_service_import_needs_its_service_and_the_endpoints_of_that() -> None:
    assert dependencies_of(obj("multicluster.x-k8s.io/v1alpha1", "ServiceImport", {})) == [
        {"apiVersion": "v1", "kind": "Service", "namespace": "shop", "name": "derived-it"},
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "namespace": "shop",
            "labelSelector": {"matchLabels": {"kubernetes.io/service-name": "derived-it"}},
        },
    ]
