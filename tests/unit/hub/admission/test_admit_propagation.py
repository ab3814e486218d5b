"""PropagationPolicy and ClusterPropagationPolicy: what is filled in, and what never changes."""

from typing import Any

import pytest

from flotilla_common.objects import Obj, copy_of
from tests.unit.hub.build import selector
from tests.unit.hub.policies import CPP, ID, LABEL, NOW, PP, submitted


def defaulted(**spec: Any) -> Obj:
    result: Obj = PP.default(submitted(**spec), NOW, ID)["spec"]
    return result


def test_a_policy_is_stored_with_every_default() -> None:
    assert PP.default(submitted(), NOW, ID) == {
        "kind": "PropagationPolicy",
        "metadata": {
            "name": "web",
            "namespace": "default",
            "labels": {LABEL: ID},
            "finalizers": ["karmada.io/propagation-policy-controller"],
        },
        "spec": {
            "resourceSelectors": [selector("nginx", namespace="default")],
            "conflictResolution": "Abort",
            "preemption": "Never",
            "priority": 0,
            "schedulerName": "default-scheduler",
        },
    }


def test_a_cluster_wide_one_has_marks_of_its_own_and_selects_anywhere() -> None:
    stored = CPP.default(submitted(""), NOW, ID)
    assert stored["metadata"] == {
        "name": "web",
        "labels": {f"cluster{LABEL}": ID},
        "finalizers": ["karmada.io/cluster-propagation-policy-controller"],
    }
    assert stored["spec"]["resourceSelectors"] == [selector("nginx")]


DEFAULTS = [
    pytest.param(
        {"spreadConstraints": [{"maxGroups": 2}]},
        {"spreadConstraints": [{"maxGroups": 2, "spreadByField": "cluster", "minGroups": 1}]},
        id="a-spread-is-by-cluster",
    ),
    pytest.param(
        {"spreadConstraints": [{"spreadByLabel": "a"}]},
        {"spreadConstraints": [{"spreadByLabel": "a", "minGroups": 1}]},
        id="unless-by-label",
    ),
    pytest.param(
        {"replicaScheduling": {}},
        {"replicaScheduling": {"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Weighted"}},
        id="an-empty-replica-scheduling-divides-by-weight",
    ),
    pytest.param(
        {"replicaScheduling": {"replicaSchedulingType": "Duplicated"}},
        {"replicaScheduling": {"replicaSchedulingType": "Duplicated"}},
        id="duplicated-stays",
    ),
    pytest.param({"clusterAffinity": None}, {}, id="null-is-absent"),
    pytest.param(
        {"schedulerStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}},
        {"schedulerStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": "25%"}}},
        id="a-rollout-moves-by-quarters",
    ),
]


@pytest.mark.parametrize(("placement", "expected"), DEFAULTS)
def test_placement_defaults(placement: Any, expected: Any) -> None:
    assert defaulted(placement=placement)["placement"] == expected


def test_failover_defaults() -> None:
    given: Obj = {"application": {"decisionConditions": {}}, "cluster": {}}
    conditions = {"decisionConditions": {"tolerationSeconds": 300}}
    assert defaulted(failover=given)["failover"] == {
        "application": {**conditions, "purgeMode": "Gracefully", "gracePeriodSeconds": 600},
        "cluster": {"purgeMode": "Gracefully"},
    }
    never = {"application": {"decisionConditions": {}, "purgeMode": "Never"}}
    assert defaulted(failover=never)["failover"] == {"application": {**conditions, "purgeMode": "Never"}}


def test_an_imported_service_takes_its_dependencies_along() -> None:
    imported = {"apiVersion": "multicluster.x-k8s.io/v1alpha1", "kind": "ServiceImport"}
    assert defaulted(resourceSelectors=[imported], propagateDeps=False)["propagateDeps"] is True


def test_a_stored_id_is_kept_through_a_replace_without_it() -> None:
    stored = PP.default(submitted(), NOW, ID)
    assert PP.default(submitted(), NOW, "another", stored) == stored


def test_a_leaving_policy_gets_no_finalizer_back() -> None:
    leaving = submitted()
    leaving["metadata"]["deletionTimestamp"] = NOW
    assert "finalizers" not in PP.default(leaving, NOW, ID)["metadata"]


def test_inputs_stay_unchanged() -> None:
    given = submitted(placement={"replicaScheduling": {}, "spreadConstraints": [{}]}, failover={"cluster": {}})
    before = copy_of(given)
    PP.default(given, NOW, ID)
    assert given == before


def test_a_policy_without_a_spec_says_what_is_missing() -> None:
    assert [str(e) for e in PP.validate({**submitted(), "spec": None}, None)] == [
        "spec.resourceSelectors: Required value",
        f"metadata.labels[{LABEL}]: Required value: templates are claimed under this id",
    ]


def test_an_unknown_section_is_named() -> None:
    given = {**PP.default(submitted(), NOW, ID), "specs": {}}
    assert [str(e) for e in PP.validate(given, None)] == ['specs: unknown field; did you mean "spec"?']


def test_the_id_and_the_scheduler_never_change() -> None:
    stored = PP.default(submitted(), NOW, ID)
    changed = PP.default(submitted(schedulerName="mine"), NOW, "another")
    assert [str(e) for e in PP.validate(changed, stored)] == [
        f'metadata.labels[{LABEL}]: Invalid value: "another": field is immutable',
        'spec.schedulerName: Invalid value: "mine": field is immutable',
    ]


def test_every_error_has_kubernetes_cause() -> None:
    given = PP.default(submitted(conflictResolution="x", priority="5", resourceSelectors=[{"kind": "x"}]), NOW, ID)
    kinds = {e.path: e.kind for e in PP.validate(given, None)}
    assert kinds == {
        "spec.conflictResolution": "FieldValueNotSupported",
        "spec.priority": "FieldValueInvalid",
        "spec.resourceSelectors[0].apiVersion": "FieldValueRequired",
    }
