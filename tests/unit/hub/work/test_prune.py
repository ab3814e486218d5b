"""What never travels to a member."""

from typing import Any

import pytest

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.work.prune import pruned
from tests.unit.hub.build import deployment, manifest

SERVER = {
    "creationTimestamp": "t",
    "deletionGracePeriodSeconds": 0,
    "deletionTimestamp": "t",
    "finalizers": ["x"],
    "generation": 3,
    "managedFields": [],
    "ownerReferences": [{}],
    "resourceVersion": "1",
    "selfLink": "/",
    "uid": "u",
}
REVISION = "deployment.kubernetes.io/revision"
OWNER = {"controller-uid": "u", "batch.kubernetes.io/controller-uid": "u"}
JOB_LABELS = {**OWNER, "job-name": "it", "batch.kubernetes.io/job-name": "it", "app": "web"}


def job(**spec: Any) -> Obj:
    generated = {"selector": {"matchLabels": OWNER}, "template": {"metadata": {"labels": JOB_LABELS}}}
    return manifest("Job", api_version="batch/v1", spec={**generated, "ttlSecondsAfterFinished": 9, **spec})


def service(**spec: Any) -> Obj:
    return manifest("Service", spec={"ports": [], **spec})


def annotated(kind: str, api_version: str = "v1", **annotations: str) -> Obj:
    return manifest(kind, api_version=api_version, metadata={"annotations": annotations} if annotations else {})


PRUNED = [
    pytest.param(
        manifest("ConfigMap", data={"a": "b"}, metadata=SERVER),
        manifest("ConfigMap", data={"a": "b"}),
        id="what-the-server-wrote",
    ),
    pytest.param(manifest("ConfigMap", status={"x": 1}), manifest("ConfigMap"), id="the-status"),
    pytest.param(
        annotated("ConfigMap", **{"kubectl.kubernetes.io/last-applied-configuration": "{}", "mine": "x"}),
        annotated("ConfigMap", mine="x"),
        id="what-kubectl-remembers-of-the-hub",
    ),
    pytest.param(
        annotated("Deployment", "apps/v1", **{REVISION: "1", f"{REVISION}-history": "1", "mine": "x"}),
        annotated("Deployment", "apps/v1", mine="x"),
        id="a-deployment's-revisions",
    ),
    pytest.param(
        annotated("Deployment", "x.io/v1", **{REVISION: "1"}),
        annotated("Deployment", "x.io/v1", **{REVISION: "1"}),
        id="but-not-those-of-another-group's-kind",
    ),
    pytest.param(
        job(),
        manifest(
            "Job",
            api_version="batch/v1",
            spec={"selector": {"matchLabels": {}}, "template": {"metadata": {"labels": {"app": "web"}}}},
        ),
        id="a-job's-time-to-live-and-generated-labels",
    ),
    pytest.param(
        job(manualSelector=True),
        manifest(
            "Job",
            api_version="batch/v1",
            spec={
                "manualSelector": True,
                "selector": {"matchLabels": OWNER},
                "template": {"metadata": {"labels": JOB_LABELS}},
            },
        ),
        id="but-not-the-labels-of-a-manual-selector",
    ),
    pytest.param(service(clusterIP="10.0.0.1", clusterIPs=["10.0.0.1"]), service(), id="a-service's-address"),
    pytest.param(
        service(clusterIP="None", clusterIPs=["None"]),
        service(clusterIP="None", clusterIPs=["None"]),
        id="but-not-headless",
    ),
    pytest.param(
        manifest("ServiceAccount", secrets=[{"name": "it-token-x"}, {"name": "mine"}]),
        manifest("ServiceAccount", secrets=[{"name": "mine"}]),
        id="a-service-account's-generated-tokens",
    ),
    pytest.param(
        manifest(
            "Secret",
            type="kubernetes.io/service-account-token",
            data={"token": "x"},
            metadata={
                "annotations": {"kubernetes.io/service-account.uid": "u", "kubernetes.io/service-account.name": "n"}
            },
        ),
        manifest(
            "Secret",
            type="kubernetes.io/service-account-token",
            metadata={"annotations": {"kubernetes.io/service-account.name": "n"}},
        ),
        id="a-token-secret's-token-and-uid",
    ),
    pytest.param(
        manifest("Secret", type="Opaque", data={"a": "b"}),
        manifest("Secret", type="Opaque", data={"a": "b"}),
        id="not-a-secret's-data",
    ),
    pytest.param(
        annotated("PersistentVolumeClaim", **{"volume.kubernetes.io/selected-node": "n"}),
        annotated("PersistentVolumeClaim"),
        id="a-claim's-chosen-node",
    ),
    pytest.param(
        manifest("Job", api_version="batch/v1", spec="odd"),
        manifest("Job", api_version="batch/v1", spec="odd"),
        id="no-odd-shape-stops-it",
    ),
    pytest.param(
        manifest("ServiceAccount", secrets="odd"), manifest("ServiceAccount", secrets="odd"), id="nor-an-odd-list"
    ),
]


@pytest.mark.parametrize(("template", "expected"), PRUNED)
def test_pruned(template: Obj, expected: Obj) -> None:
    before = copy_of(template)
    assert pruned(template) == expected
    assert template == before


def test_a_manifest_as_the_user_wrote_it_stays() -> None:
    obj = manifest("Deployment", api_version="apps/v1", spec=deployment()["spec"], metadata={"labels": {"a": "b"}})
    assert pruned(obj) == obj
