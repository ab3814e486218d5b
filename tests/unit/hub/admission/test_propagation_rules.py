"""Rules of a PropagationPolicy's spec but for its placement, and specs that keep all rules."""

from typing import Any

import pytest

from tests.unit.hub.build import selector
from tests.unit.hub.policies import APP, DYNAMIC, NAMES, OVERFLOW, REGION, errors, placed

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
