"""PropagationPolicy and ClusterPropagationPolicy: what is filled in, and which rules are kept."""

from typing import Any

import pytest

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.admission import ADMIT
from tests.unit.hub.build import selector

NOW, ID = "2026-01-01T00:00:00Z", "11111111-1111-1111-1111-111111111111"
PP, CPP = ADMIT["propagationpolicies.policy.karmada.io"], ADMIT["clusterpropagationpolicies.policy.karmada.io"]
LABEL = "propagationpolicy.karmada.io/permanent-id"


def submitted(namespace: str = "default", **spec: Any) -> Obj:
    metadata = {"name": "web", **({"namespace": namespace} if namespace else {})}
    kind = "PropagationPolicy" if namespace else "ClusterPropagationPolicy"
    return {"kind": kind, "metadata": metadata, "spec": {"resourceSelectors": [selector("nginx")], **spec}}


def defaulted(**spec: Any) -> Obj:
    result: Obj = PP.default(submitted(**spec), NOW, ID)["spec"]
    return result


def errors(namespace: str = "default", **spec: Any) -> list[str]:
    return [str(e) for e in PP.validate(PP.default(submitted(namespace, **spec), NOW, ID), None)]


def placed(**placement: Any) -> dict[str, Any]:
    return {"placement": placement}


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


NAMES = {"clusterNames": ["m1"]}
REGION = {"spreadByField": "region"}
DYNAMIC = {"replicaSchedulingType": "Divided", "weightPreference": {"dynamicWeight": "AvailableReplicas"}}
OVERFLOW = [{"affinityName": "b", "affinity": NAMES}]
APP: Obj = {"application": {"decisionConditions": {}}}

VALID = [
    pytest.param({}, id="the-smallest"),
    pytest.param(
        placed(clusterAffinity={**NAMES, "exclude": ["m2"], "labelSelector": {"matchLabels": {"a": "b"}}}),
        id="an-affinity",
    ),
    pytest.param(placed(clusterAffinities=[{"affinityName": "a", **NAMES}, {"affinityName": "b"}]), id="affinities"),
    pytest.param(
        placed(
            clusterAffinities=[{"affinityName": "a", **NAMES, "overflowAffinities": OVERFLOW}],
            replicaScheduling=DYNAMIC,
        ),
        id="overflow",
    ),
    pytest.param(
        placed(
            clusterTolerations=[
                {"operator": "Exists"},
                {"key": "a", "value": "b", "effect": "NoExecute", "tolerationSeconds": 3},
            ]
        ),
        id="tolerations",
    ),
    pytest.param(
        placed(spreadConstraints=[REGION, {"spreadByField": "cluster", "minGroups": 2, "maxGroups": 2}]), id="spreads"
    ),
    pytest.param(
        placed(replicaScheduling={"weightPreference": {"staticWeightList": [{"targetCluster": NAMES, "weight": 1}]}}),
        id="weights",
    ),
    pytest.param(placed(clusterAntiAffinity=NAMES), id="never-there"),
    pytest.param(placed(schedulerStrategy={"type": "Failover"}), id="failover-strategy"),
    pytest.param(
        placed(schedulerStrategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}),
        id="rolling-strategy",
    ),
    pytest.param({"failover": APP, "propagateDeps": True}, id="application-failover"),
    pytest.param({"suspension": {"dispatchingOnClusters": NAMES}}, id="suspended-in-a-cluster"),
    pytest.param(
        {"suspension": {"dispatching": True, "dispatchingOnClusters": {"clusterNames": []}}}, id="suspended-everywhere"
    ),
    pytest.param(
        {"preemption": "Always", "priority": 5, "activationPreference": "Lazy", "schedulerName": "mine"}, id="the-rest"
    ),
    pytest.param(
        {"schedulePriority": {"priorityClassSource": "KubePriorityClass", "priorityClassName": "high"}},
        id="priority-class",
    ),
]

INVALID = [
    pytest.param(
        {"resourceSelectors": []}, ["spec.resourceSelectors: Required value: at least one is needed"], id="no-selectors"
    ),
    pytest.param(
        {"resourceSelectors": [{"kind": "Deployment"}]},
        ["spec.resourceSelectors[0].apiVersion: Required value"],
        id="no-apiVersion",
    ),
    pytest.param(
        {"resourceSelectors": [{"apiVersion": "v1", "kind": ""}]},
        ["spec.resourceSelectors[0].kind: Required value"],
        id="an-empty-kind",
    ),
    pytest.param(
        {"resourceSelectors": [selector(namespace="x")]},
        [
            "spec.resourceSelectors[0].namespace: Invalid value: \"x\": must be 'default', the policy's own "
            "namespace; a cluster-wide policy can select in another"
        ],
        id="another-namespace",
    ),
    pytest.param({"placment": {}}, ['spec.placment: unknown field; did you mean "placement"?'], id="a-misspelt-field"),
    pytest.param(
        placed(clusterAffinity={"clusterName": ["a"]}),
        ['spec.placement.clusterAffinity.clusterName: unknown field; did you mean "clusterNames"?'],
        id="one-further-down",
    ),
    pytest.param(
        placed(replicaScheduling={"weightPreference": {"staticWeightList": [{"weight": 1, "target": {}}]}}),
        [
            "spec.placement.replicaScheduling.weightPreference.staticWeightList[0].target: unknown field; did "
            'you mean "targetCluster"?'
        ],
        id="one-in-a-list",
    ),
    pytest.param(
        placed(clusterAffinity={"zzz": 1}),
        [
            "spec.placement.clusterAffinity.zzz: unknown field; known fields: clusterNames, exclude, "
            "fieldSelector, labelSelector"
        ],
        id="one-like-nothing",
    ),
    pytest.param(
        {"priority": "5"}, ['spec.priority: Invalid value: "5": must be a valid integer'], id="a-number-in-quotes"
    ),
    pytest.param(
        {"propagateDeps": "yes"},
        ['spec.propagateDeps: Invalid value: "yes": must be a valid boolean'],
        id="a-word-for-true",
    ),
    pytest.param(
        {"conflictResolution": "Force"},
        ['spec.conflictResolution: Unsupported value: "Force": supported values: "Abort", "Overwrite"'],
        id="no-such-choice",
    ),
    pytest.param(
        {"activationPreference": "Eager"},
        ['spec.activationPreference: Unsupported value: "Eager": supported values: "Lazy"'],
        id="nor-such-activation",
    ),
    pytest.param(
        {"preemption": "Always", "resourceSelectors": [selector()]},
        [
            "spec.resourceSelectors[0].name: Required value: a policy with preemption: Always must name what it "
            "takes over"
        ],
        id="preemption-without-a-name",
    ),
    pytest.param(
        placed(clusterAffinity=NAMES, clusterAffinities=[{"affinityName": "a"}]),
        [
            "spec.placement.clusterAffinities: Forbidden: clusterAffinity and clusterAffinities exclude each "
            "other; keep one of them"
        ],
        id="both-affinities",
    ),
    pytest.param(
        placed(clusterAffinities=[{"affinityName": "a"}, {"affinityName": "a"}]),
        ['spec.placement.clusterAffinities[1].affinityName: Duplicate value: "a"'],
        id="an-affinity-twice",
    ),
    pytest.param(
        placed(clusterAffinities=[{"affinityName": "a" * 33}]),
        [
            f'spec.placement.clusterAffinities[0].affinityName: Invalid value: "{"a" * 33}": must be no more '
            f"than 32 characters"
        ],
        id="a-long-affinity-name",
    ),
    pytest.param(
        placed(clusterAffinities=[{"affinityName": ""}]),
        ['spec.placement.clusterAffinities[0].affinityName: Invalid value: "": must not be empty'],
        id="an-empty-affinity-name",
    ),
    pytest.param(
        placed(clusterAffinities=[{"affinityName": "a", **NAMES, "overflowAffinities": OVERFLOW}]),
        [
            "spec.placement.clusterAffinities[0].overflowAffinities: Forbidden: needs replicaScheduling "
            "Divided, Aggregated or Weighted by dynamicWeight: else nothing overflows"
        ],
        id="overflow-of-what-is-not-divided",
    ),
    pytest.param(
        placed(clusterAffinities=[{"affinityName": "a", "overflowAffinities": OVERFLOW}], replicaScheduling=DYNAMIC),
        [
            "spec.placement.clusterAffinities[0]: Required value: a term that overflows must say which clusters "
            "come first"
        ],
        id="overflow-of-everything",
    ),
    pytest.param(
        placed(clusterAffinity={"fieldSelector": {"matchExpressions": [{"key": "name", "operator": "Exists"}]}}),
        [
            'spec.placement.clusterAffinity.fieldSelector.matchExpressions[0].key: Unsupported value: "name": '
            'supported values: "provider", "region", "zone"',
            "spec.placement.clusterAffinity.fieldSelector.matchExpressions[0].operator: Unsupported value: "
            '"Exists": supported values: "In", "NotIn"',
        ],
        id="a-field-clusters-lack",
    ),
    pytest.param(
        placed(clusterAntiAffinity={"labelSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}),
        [
            "spec.placement.clusterAntiAffinity.labelSelector.matchExpressions[0].values: Required value: must "
            "be specified when `operator` is 'In' or 'NotIn'"
        ],
        id="in-nothing",
    ),
    pytest.param(
        placed(clusterTolerations=[{"key": "a", "operator": "Gt", "value": "1"}]),
        ['spec.placement.clusterTolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists"'],
        id="a-toleration-by-size",
    ),
    pytest.param(
        placed(clusterTolerations=[{"effect": "Sometimes", "operator": "Exists", "key": "a"}]),
        [
            'spec.placement.clusterTolerations[0].effect: Unsupported value: "Sometimes": supported values: '
            '"NoExecute", "NoSchedule", "PreferNoSchedule"'
        ],
        id="no-such-effect",
    ),
    pytest.param(
        placed(spreadConstraints=[REGION]),
        [
            "spec.placement.spreadConstraints: Required value: the cluster spread constraint must be enabled in "
            "one of the constraints: add spreadByField: cluster"
        ],
        id="a-spread-without-clusters",
    ),
    pytest.param(
        placed(spreadConstraints=[{}, {}]),
        ['spec.placement.spreadConstraints[1].spreadByField: Duplicate value: "cluster"'],
        id="a-spread-twice",
    ),
    pytest.param(
        placed(spreadConstraints=[{"minGroups": 3, "maxGroups": 2}]),
        [
            "spec.placement.spreadConstraints[0].maxGroups: Invalid value: 2: must not be lower than minGroups, "
            "which is 3"
        ],
        id="fewer-at-most-than-at-least",
    ),
    pytest.param(
        placed(spreadConstraints=[{"minGroups": -1, "maxGroups": -2}]),
        [
            "spec.placement.spreadConstraints[0].minGroups: Invalid value: -1: must not be negative",
            "spec.placement.spreadConstraints[0].maxGroups: Invalid value: -2: must not be negative",
        ],
        id="negative-groups",
    ),
    pytest.param(
        placed(spreadConstraints=[{"spreadByField": "cluster", "spreadByLabel": "a"}]),
        [
            "spec.placement.spreadConstraints[0].spreadByLabel: Forbidden: spreadByField and spreadByLabel "
            "exclude each other; keep one of them"
        ],
        id="a-spread-by-two",
    ),
    pytest.param(
        placed(replicaScheduling={"weightPreference": {"staticWeightList": [{"weight": 0}]}}),
        [
            "spec.placement.replicaScheduling.weightPreference.staticWeightList[0].weight: Invalid value: 0: "
            "must be greater than or equal to 1"
        ],
        id="a-weight-of-nothing",
    ),
    pytest.param(
        placed(workloadAffinity={"affinity": {"groupByLabelKey": "a"}, "antiAffinity": {"groupByLabelKey": "a"}}),
        [
            'spec.placement.workloadAffinity.antiAffinity.groupByLabelKey: Invalid value: "a": must differ from '
            "the key of `affinity`: no workload can be both with and apart from one group"
        ],
        id="together-and-apart",
    ),
    pytest.param(
        placed(schedulerStrategy={"type": "BlueGreen"}),
        [
            'spec.placement.schedulerStrategy.type: Unsupported value: "BlueGreen": supported values: '
            '"Failover", "RollingUpdate"'
        ],
        id="no-such-strategy",
    ),
    pytest.param(
        placed(schedulerStrategy={"type": "Failover", "rollingUpdate": {}}),
        [
            "spec.placement.schedulerStrategy.rollingUpdate: Forbidden: may only be set when `type` is "
            "'RollingUpdate', and it is 'Failover'"
        ],
        id="another-strategy's-settings",
    ),
    pytest.param(
        placed(schedulerStrategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "0%", "maxUnavailable": 0}}),
        [
            "spec.placement.schedulerStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when "
            "`maxSurge` is 0: nothing could ever roll"
        ],
        id="a-rollout-that-stands",
    ),
    pytest.param(
        placed(schedulerStrategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "much"}}),
        [
            'spec.placement.schedulerStrategy.rollingUpdate.maxSurge: Invalid value: "much": must be a number '
            "of clusters, 0 or more, or a percentage like '25%'"
        ],
        id="a-surge-of-words",
    ),
    pytest.param(
        {"failover": APP},
        [
            "spec.propagateDeps: Invalid value: false: must be true when failover.application is set: what "
            "moves needs its dependencies with it"
        ],
        id="failover-without-dependencies",
    ),
    pytest.param(
        {
            "failover": {
                "application": {
                    "decisionConditions": {"tolerationSeconds": -1},
                    "purgeMode": "Never",
                    "gracePeriodSeconds": 5,
                }
            },
            "propagateDeps": True,
        },
        [
            "spec.failover.application.decisionConditions.tolerationSeconds: Invalid value: -1: must not be negative",
            "spec.failover.application.gracePeriodSeconds: Forbidden: only takes effect when purgeMode is Gracefully",
        ],
        id="failover-seconds",
    ),
    pytest.param(
        {"suspension": {"dispatching": True, "dispatchingOnClusters": NAMES}},
        [
            "spec.suspension.dispatchingOnClusters: Forbidden: dispatching: true already suspends every "
            "cluster; keep one of the two"
        ],
        id="suspended-twice",
    ),
]


@pytest.mark.parametrize("spec", VALID)
def test_valid(spec: Any) -> None:
    assert errors(**spec) == []


@pytest.mark.parametrize(("spec", "expected"), INVALID)
def test_invalid(spec: Any, expected: list[str]) -> None:
    assert errors(**spec) == expected


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
