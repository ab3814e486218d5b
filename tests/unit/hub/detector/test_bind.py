"""The binding that follows from a claim."""

from typing import Any

import pytest

from flotilla_common.errors import Conflict, Refused
from flotilla_common.objects import Obj, copy_of
from flotilla_hub.detector.bind import Demand, binding_for
from flotilla_hub.model.policy import Policy
from tests.unit.hub.build import deployment, manifest, policy

PP = "propagationpolicy.karmada.io"
CPP = "clusterpropagationpolicy.karmada.io"
REQUIREMENTS = {"resourceRequest": {"cpu": "1"}}
PLACEMENT = {"clusterAffinity": {"clusterNames": ["member1"]}}


def marks(obj: Obj | None) -> tuple[Any, Any]:
    assert obj is not None
    return obj["metadata"].get("labels"), obj["metadata"].get("annotations")


def bound(template: Obj, by: Policy, existing: Obj | None = None, replicas: int = 3) -> Obj:
    binding = binding_for(template, by, existing, Demand(replicas, REQUIREMENTS))
    assert binding is not None
    return binding


def changed(obj: Obj, path: str, value: Any) -> Obj:
    """A copy with one thing different; `path` is dotted."""
    copy = at = copy_of(obj)
    *parents, last = path.split(".")
    for key in parents:
        at = at.setdefault(key, {})
    at[last] = value
    return copy


def test_a_binding_is_created_whole() -> None:
    by = policy("p", placement=PLACEMENT, propagateDeps=True, suspension={"dispatching": True})
    binding = bound(deployment(), by)
    identity = binding["metadata"]["labels"].pop("resourcebinding.karmada.io/permanent-id")
    assert len(identity) == 36
    assert binding == {
        "apiVersion": "work.karmada.io/v1alpha2",
        "kind": "ResourceBinding",
        "metadata": {
            "name": "nginx-deployment",
            "namespace": "default",
            "labels": {f"{PP}/permanent-id": "id-p"},
            "annotations": {f"{PP}/namespace": "default", f"{PP}/name": "p"},
            "finalizers": ["karmada.io/binding-controller"],
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "name": "nginx",
                    "uid": "uid-nginx",
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        },
        "spec": {
            "resource": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "name": "nginx",
                "namespace": "default",
                "uid": "uid-nginx",
                "resourceVersion": "7",
            },
            "conflictResolution": "Abort",
            "placement": PLACEMENT,
            "propagateDeps": True,
            "replicaRequirements": REQUIREMENTS,
            "replicas": 3,
            "schedulerName": "default-scheduler",
            "suspension": {"dispatching": True},
        },
    }


def test_a_cluster_scoped_template_gets_a_cluster_binding() -> None:
    role = manifest("ClusterRole", "view", "", api_version="rbac.authorization.k8s.io/v1", metadata={"uid": "u"})
    binding = binding_for(role, policy("p", ""), None, Demand()) or {}
    metadata = binding["metadata"]
    assert (binding["kind"], metadata["name"], "namespace" in metadata) == (
        "ClusterResourceBinding",
        "view-clusterrole",
        False,
    )
    assert metadata["finalizers"] == ["karmada.io/cluster-resource-binding-controller"]
    assert sorted(metadata["labels"]) == [f"{CPP}/permanent-id", "clusterresourcebinding.karmada.io/permanent-id"]


def test_a_namespaced_template_keeps_a_namespaced_binding_under_a_cluster_wide_policy() -> None:
    assert bound(deployment(), policy("p", ""))["kind"] == "ResourceBinding"


def test_the_same_template_gets_the_same_binding_again() -> None:
    assert bound(deployment(), policy("p")) == bound(deployment(), policy("p"))


ONE = policy("p", placement=PLACEMENT)
STORED = changed(bound(deployment(), ONE), "metadata.resourceVersion", "12")

UNCHANGED = [
    pytest.param(deployment(), ONE, STORED, id="nothing-changed"),
    pytest.param(deployment(resourceVersion="99"), ONE, STORED, id="a-status-write-moved-the-template's-version"),
    pytest.param(deployment(), ONE, changed(STORED, "spec.clusters", [{"name": "m1"}]), id="the-scheduler-chose"),
    pytest.param(deployment(), ONE, changed(STORED, "status.conditions", []), id="it-has-a-status"),
    pytest.param(deployment(), ONE, changed(STORED, "spec.suspension", {"scheduling": True}), id="a-queue-holds-it"),
    pytest.param(deployment(), ONE, changed(STORED, "metadata.labels.team", "a"), id="someone-labelled-it"),
    pytest.param(deployment(), ONE, changed(STORED, "spec.requiredBy", [{"name": "x"}]), id="another-depends-on-it"),
    pytest.param(deployment(), ONE, changed(STORED, "spec.gracefulEvictionTasks", []), id="a-cluster-is-being-left"),
    pytest.param(deployment(), ONE, changed(STORED, "spec.rescheduleTriggeredAt", "t"), id="a-rebalance-was-asked-for"),
]


@pytest.mark.parametrize(("template", "by", "existing"), UNCHANGED)
def test_unchanged(template: Obj, by: Policy, existing: Obj) -> None:
    assert binding_for(template, by, existing, Demand(3, REQUIREMENTS)) is None


SCHEDULED = changed(STORED, "spec.clusters", [{"name": "member1", "replicas": 3}])

CHANGES = [
    pytest.param(policy("p"), 3, {"placement": {}}, id="a-placement-taken-away"),
    pytest.param(ONE, 5, {"replicas": 5}, id="other-replicas"),
    pytest.param(
        policy("p", placement=PLACEMENT, conflictResolution="Overwrite"),
        3,
        {"conflictResolution": "Overwrite"},
        id="other-conflict-resolution",
    ),
    pytest.param(
        policy("p", placement=PLACEMENT, preserveResourcesOnDeletion=True),
        3,
        {"preserveResourcesOnDeletion": True},
        id="objects-to-be-preserved",
    ),
    pytest.param(
        policy("p", placement=PLACEMENT, schedulerName="mine"), 3, {"schedulerName": "mine"}, id="another-scheduler"
    ),
]


@pytest.mark.parametrize(("by", "replicas", "expected"), CHANGES)
def test_only_what_changed_changes(by: Policy, replicas: int, expected: Obj) -> None:
    assert bound(deployment(), by, SCHEDULED, replicas) == {**SCHEDULED, "spec": {**SCHEDULED["spec"], **expected}}


def test_no_replicas_means_no_field() -> None:
    assert "replicas" not in bound(deployment(), ONE, SCHEDULED, 0)["spec"]


def test_the_policys_suspension_joins_the_queues() -> None:
    held = changed(STORED, "spec.suspension", {"scheduling": True, "dispatching": True})
    by = policy("p", placement=PLACEMENT, suspension={"dispatchingOnClusters": {"clusterNames": ["m"]}})
    wanted = {"dispatchingOnClusters": {"clusterNames": ["m"]}, "scheduling": True}
    assert bound(deployment(), by, held)["spec"]["suspension"] == wanted


def test_another_policy_takes_the_binding_over() -> None:
    assert marks(bound(deployment(), policy("b", ""), STORED))[1] == {f"{CPP}/name": "b"}


def test_an_attached_binding_is_taken_over_with_its_dependants() -> None:
    attached = {**STORED, "spec": {"resource": STORED["spec"]["resource"], "requiredBy": [{"name": "x"}]}}
    assert bound(deployment(), ONE, attached)["spec"]["requiredBy"] == [{"name": "x"}]


def demanded(**asked: Any) -> Obj:
    return binding_for(deployment(), policy("p", propagateDeps=True), None, Demand(**asked)) or {}


def test_a_priority_class_becomes_a_number() -> None:
    assert demanded(priority=0)["spec"]["schedulePriority"] == {"priority": 0}
    assert "schedulePriority" not in demanded()["spec"]


def test_association_is_the_older_name_of_propagate_deps() -> None:
    assert bound(deployment(), policy("p", association=True))["spec"]["propagateDeps"] is True


def test_what_the_template_refers_to_is_written_down_and_taken_off() -> None:
    noted = demanded(dependencies="[]")
    assert noted["metadata"]["annotations"]["resourcebinding.karmada.io/dependencies"] == "[]"
    forgotten = binding_for(deployment(), policy("p", propagateDeps=True), noted, Demand()) or {}
    assert "resourcebinding.karmada.io/dependencies" not in forgotten["metadata"]["annotations"]


WAIT = [
    pytest.param(
        deployment(uid="second"), STORED, Conflict, "earlier Deployment default/nginx", id="an-earlier-template's"
    ),
    pytest.param(
        deployment(),
        changed(STORED, "metadata.deletionTimestamp", "t"),
        Conflict,
        "is being removed",
        id="one-being-removed",
    ),
    pytest.param(
        manifest("Deployment", "nginx", api_version="example.org/v1", metadata={"uid": "u"}),
        STORED,
        Refused,
        "rename the other",
        id="that-of-another-group's-kind",
    ),
]


@pytest.mark.parametrize(("template", "existing", "error", "why"), WAIT)
def test_a_binding_that_is_not_ours_is_not_written(
    template: Obj, existing: Obj, error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        binding_for(template, ONE, existing, Demand(3))


def test_inputs_stay_unchanged() -> None:
    template, existing, by = deployment(), copy_of(SCHEDULED), policy("p", placement=copy_of(PLACEMENT))
    result = bound(template, by, existing, 4)
    result["spec"]["placement"]["clusterAffinity"]["clusterNames"].append("x")
    assert (template, existing, by.raw["placement"]) == (deployment(), SCHEDULED, PLACEMENT)
