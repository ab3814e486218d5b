"""What a member's own controllers decided stays when the hub's manifest is applied again."""

from typing import Any

import pytest

from flotilla_common.kinds import retain
from flotilla_common.objects import Obj, copy_of

RETAIN_REPLICAS = {"metadata": {"labels": {"resourcetemplate.karmada.io/retain-replicas": "true"}}}
TOKEN = {"type": "kubernetes.io/service-account-token"}
UID = {"kubernetes.io/service-account.uid": "u1"}


def spec(**fields: Any) -> Obj:
    return {"spec": fields}


MOUNTS = [{"name": "token", "mountPath": "/var/run"}]
ROWS = [
    pytest.param(
        "apps/v1 Deployment", spec(replicas=2), spec(replicas=9), spec(replicas=2), id="replicas-are-the-hub's"
    ),
    pytest.param(
        "apps/v1 Deployment",
        {**RETAIN_REPLICAS, **spec(replicas=2)},
        spec(replicas=9),
        {**RETAIN_REPLICAS, **spec(replicas=9)},
        id="replicas-are-the-member's-where-the-template-says-so",
    ),
    pytest.param(
        "apps/v1 StatefulSet",
        {**RETAIN_REPLICAS, **spec(replicas=2)},
        spec(replicas=9),
        {**RETAIN_REPLICAS, **spec(replicas=2)},
        id="that-label-is-for-deployments-only",
    ),
    pytest.param(
        "v1 Service",
        spec(ports=[{"port": 80}]),
        spec(clusterIP="10.0.0.1", healthCheckNodePort=31000, ports=[{"port": 80, "nodePort": 30000}]),
        spec(ports=[{"port": 80}], clusterIP="10.0.0.1", healthCheckNodePort=31000),
        id="service-addresses-but-no-node-ports",
    ),
    pytest.param("v1 Service", spec(), spec(clusterIP="", healthCheckNodePort=0), spec(), id="nothing-handed-out-yet"),
    pytest.param(
        "v1 ServiceAccount",
        {"secrets": [{"name": "mine"}]},
        {"secrets": [{"name": "token"}, {"name": "mine"}], "imagePullSecrets": [{"name": "pull"}]},
        {"secrets": [{"name": "mine"}, {"name": "token"}], "imagePullSecrets": [{"name": "pull"}]},
        id="service-account-secrets-are-joined-by-name",
    ),
    pytest.param(
        "v1 PersistentVolumeClaim",
        spec(a=1),
        spec(volumeName="pv-1"),
        spec(a=1, volumeName="pv-1"),
        id="the-bound-volume",
    ),
    pytest.param(
        "v1 PersistentVolume",
        spec(a=1),
        spec(claimRef={"name": "c"}),
        spec(a=1, claimRef={"name": "c"}),
        id="the-claim",
    ),
    pytest.param(
        "batch/v1 Job",
        spec(template={"spec": {"a": 1}}),
        spec(selector={"matchLabels": {"u": "1"}}, template={"metadata": {"labels": {"u": "1"}}}),
        spec(selector={"matchLabels": {"u": "1"}}, template={"spec": {"a": 1}, "metadata": {"labels": {"u": "1"}}}),
        id="a-job's-generated-selector",
    ),
    pytest.param(
        "v1 Secret",
        {**TOKEN, "data": {}},
        {**TOKEN, "data": {"token": "eA=="}, "metadata": {"annotations": UID}},
        {**TOKEN, "data": {"token": "eA=="}, "metadata": {"annotations": UID}},
        id="a-token-is-the-member's",
    ),
    pytest.param(
        "v1 Secret",
        {"type": "Opaque", "data": {"a": "1"}},
        {"data": {"a": "2"}},
        {"type": "Opaque", "data": {"a": "1"}},
        id="others-not",
    ),
    pytest.param(
        "v1 Pod",
        spec(containers=[{"name": "app", "image": "b"}, {"name": "new"}]),
        spec(
            nodeName="n1",
            serviceAccountName="default",
            volumes=[{"name": "token"}],
            containers=[{"name": "app", "image": "a", "volumeMounts": MOUNTS}],
        ),
        spec(
            nodeName="n1",
            serviceAccountName="default",
            volumes=[{"name": "token"}],
            containers=[{"name": "app", "image": "b", "volumeMounts": MOUNTS}, {"name": "new"}],
        ),
        id="what-admission-and-scheduler-put-into-a-pod",
    ),
    pytest.param(
        "helm.toolkit.fluxcd.io/v2beta1 HelmRelease",
        spec(suspend=False, chart={}),
        spec(suspend=True),
        spec(suspend=True, chart={}),
        id="who-suspended-flux-had-a-reason",
    ),
    pytest.param(
        "source.toolkit.fluxcd.io/v1 GitRepository", spec(url="u"), spec(url="v"), spec(url="u"), id="not-suspended"
    ),
    pytest.param("example.org/v1 Thing", spec(a=1), spec(a=2, b=3), spec(a=1), id="unknown-kinds-retain-nothing"),
]


@pytest.mark.parametrize(("kind", "desired", "live", "retained"), ROWS)
def test_retains(kind: str, desired: Obj, live: Obj, retained: Obj) -> None:
    api_version, _, name = kind.partition(" ")
    head = {"apiVersion": api_version, "kind": name}
    desired, live = {**head, **desired}, {**head, **live}
    before = copy_of(desired), copy_of(live)
    assert retain(desired, live) == {**head, **retained}
    assert (desired, live) == before
