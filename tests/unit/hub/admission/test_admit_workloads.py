"""The rules of pod templates and of metadata: what a member would refuse is refused on the hub."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.admission.generic import validate_metadata
from flotilla_hub.admission.workloads import validate_workload

CONTAINER = {"name": "c", "image": "i"}


def deployment(pod: Obj | None = None, **spec: Any) -> Obj:
    template = {"metadata": {"labels": {"app": "it"}}, "spec": {"containers": [CONTAINER], **(pod or {})}}
    return {"spec": {"selector": {"matchLabels": {"app": "it"}}, "template": template, **spec}}


DEPLOYMENTS = [
    pytest.param(deployment(), [], id="a-good-one"),
    pytest.param({}, ["spec"], id="no-spec"),
    pytest.param(deployment(replicas=0), [], id="no-replicas"),
    pytest.param(deployment(replicas=-1), ["spec.replicas"], id="negative-replicas"),
    pytest.param(deployment(selector=None), ["spec.selector"], id="no-selector"),
    pytest.param(
        deployment(selector={"matchLabels": {"app": "other"}}),
        ["spec.template.metadata.labels"],
        id="a-selector-of-other-labels",
    ),
    pytest.param(
        deployment(selector={"matchExpressions": [{"key": "app", "operator": "In", "values": ["it"]}]}),
        [],
        id="a-selector-by-expression",
    ),
    pytest.param(deployment(template=None), ["spec.template.metadata.labels", "spec.template"], id="no-template"),
    pytest.param(deployment({"containers": []}), ["spec.template.spec.containers"], id="no-containers"),
    pytest.param(
        deployment({"containers": [{"name": "c"}]}), ["spec.template.spec.containers[0].image"], id="no-image"
    ),
    pytest.param(
        deployment({"containers": [{"image": "i"}]}), ["spec.template.spec.containers[0].name"], id="no-container-name"
    ),
    pytest.param(
        deployment({"initContainers": [CONTAINER]}), ["spec.template.spec.containers[0].name"], id="a-name-used-twice"
    ),
    pytest.param(
        deployment({"containers": [{**CONTAINER, "volumeMounts": [{"name": "v"}]}]}),
        ["spec.template.spec.containers[0].volumeMounts[0].name"],
        id="a-mount-of-no-volume",
    ),
    pytest.param(
        deployment({"volumes": [{"name": "v"}, {"name": "v"}]}),
        ["spec.template.spec.volumes[1].name"],
        id="a-volume-twice",
    ),
]


@pytest.mark.parametrize(("obj", "paths"), DEPLOYMENTS)
def test_a_deployment_breaks_rules(obj: Obj, paths: list[str]) -> None:
    assert [e.path for e in validate_workload("deployments.apps", obj, None)] == paths


def test_a_selector_cannot_be_changed() -> None:
    other = deployment(selector={"matchLabels": {"app": "it", "x": "y"}})
    errors = validate_workload("deployments.apps", deployment(), other)
    assert [(e.path, e.why.split(": ")[-1]) for e in errors] == [("spec.selector", "field is immutable")]


OTHERS = [
    pytest.param("pods", {"spec": {"containers": []}}, ["spec.containers"], id="a-pod-is-its-own-template"),
    pytest.param("pods", {"spec": {"containers": [CONTAINER]}}, [], id="a-good-pod"),
    pytest.param(
        "jobs.batch",
        {"spec": {"template": {"spec": {"containers": [CONTAINER]}}}},
        ["spec.template.spec.restartPolicy"],
        id="a-job-must-not-restart-always",
    ),
    pytest.param(
        "cronjobs.batch",
        {
            "spec": {
                "jobTemplate": {"spec": {"template": {"spec": {"containers": [CONTAINER], "restartPolicy": "Never"}}}}
            }
        },
        ["spec.schedule"],
        id="a-cron-job-needs-a-schedule",
    ),
    pytest.param(
        "statefulsets.apps",
        deployment({"containers": [{**CONTAINER, "volumeMounts": [{"name": "claimed"}]}]}),
        [],
        id="a-stateful-set-may-mount-its-claims",
    ),
]


@pytest.mark.parametrize(("key", "obj", "paths"), OTHERS)
def test_other_kinds_have_rules_of_their_own(key: str, obj: Obj, paths: list[str]) -> None:
    assert [e.path for e in validate_workload(key, obj, None)] == paths


METADATA = [
    pytest.param({"name": "a.b-c"}, [], id="a-subdomain"),
    pytest.param({"name": "A"}, ["metadata.name"], id="upper-case"),
    pytest.param({"name": "a" * 254}, ["metadata.name"], id="too-long"),
    pytest.param({}, ["metadata.name"], id="no-name"),
    pytest.param({"name": "a", "labels": {"k": "v v"}}, ["metadata.labels"], id="a-label-value-with-a-space"),
    pytest.param({"name": "a", "labels": {"-": "v"}}, ["metadata.labels"], id="a-bad-label-key"),
    pytest.param({"name": "a", "labels": {"k": 1}}, ["metadata.labels.k"], id="a-number-for-a-label"),
    pytest.param({"name": "a", "labels": []}, ["metadata.labels"], id="a-list-of-labels"),
    pytest.param({"name": "a", "annotations": {"k": True}}, ["metadata.annotations.k"], id="a-boolean-annotation"),
    pytest.param({"name": "a", "annotations": {"k": "v" * 300_000}}, ["metadata.annotations"], id="huge-annotations"),
    pytest.param({"name": "a", "finalizers": ["b c"]}, ["metadata.finalizers[0]"], id="a-bad-finalizer"),
    pytest.param(
        {"name": "a", "ownerReferences": [{"kind": "K", "name": "n", "apiVersion": "v1"}]},
        ["metadata.ownerReferences[0].uid"],
        id="an-owner-without-uid",
    ),
]


@pytest.mark.parametrize(("metadata", "paths"), METADATA)
def test_metadata_breaks_rules(metadata: Obj, paths: list[str]) -> None:
    assert [e.path for e in validate_metadata({"kind": "ConfigMap", "metadata": metadata}, "")] == paths


NAMES = [
    pytest.param("rbac.authorization.k8s.io", "ClusterRole", "system:node", True, id="roles-may-have-colons"),
    pytest.param("rbac.authorization.k8s.io", "ClusterRole", "a/b", False, id="roles-may-not-have-slashes"),
    pytest.param("", "Namespace", "a.b", False, id="namespaces-have-no-dots"),
    pytest.param("", "Secret", "a.b", True, id="secrets-may"),
]


@pytest.mark.parametrize(("group", "kind", "name", "is_good"), NAMES)
def test_names_differ_by_kind(group: str, kind: str, name: str, is_good: bool) -> None:
    assert (validate_metadata({"kind": kind, "metadata": {"name": name}}, group) == ()) is is_good
