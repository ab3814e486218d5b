"""Rules of a PropagationPolicy's placement."""

from typing import Any

import pytest

from tests.unit.hub.policies import DYNAMIC, NAMES, OVERFLOW, REGION, errors, placed

INVALID = [
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
]


@pytest.mark.parametrize(("spec", "expected"), INVALID)
def test_invalid(spec: Any, expected: list[str]) -> None:
    assert errors(**spec) == expected
