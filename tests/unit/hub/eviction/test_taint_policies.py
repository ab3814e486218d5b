"""The taints clusters get and lose by ClusterTaintPolicies."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.eviction.taint_policies import tainted
from flotilla_hub.model.taint_policy import TaintPolicy

NOW = "2026-05-01T10:00:00Z"
SICK = {"key": "sick", "effect": "NoSchedule", "timeAdded": NOW}
OTHER = {"key": "other", "effect": "NoSchedule"}


def cluster(*taints: dict[str, Any], **conditions: str) -> Obj:
    return {
        "kind": "Cluster",
        "metadata": {"name": "m1", "labels": {"tier": "edge"}},
        "spec": {"syncMode": "Pull", **({"taints": list(taints)} if taints else {})},
        "status": {"conditions": [{"type": name, "status": status} for name, status in conditions.items()]},
    }


def policy(name: str = "p", created: str = NOW, **spec: Any) -> TaintPolicy:
    taints = {"taints": [{"key": "sick", "effect": "NoSchedule"}], **spec}
    return TaintPolicy.of({"metadata": {"name": name, "creationTimestamp": created}, "spec": taints})


def on(condition: str, operator: str, *values: str) -> dict[str, Any]:
    return {"conditionType": condition, "operator": operator, "statusValues": list(values)}


ADD = {"addOnConditions": [on("Disk", "NotIn", "True")], "removeOnConditions": [on("Disk", "In", "True")]}


@pytest.mark.parametrize(
    ("held", "policies", "taints"),
    [
        pytest.param(cluster(Disk="False"), [policy(**ADD)], [SICK], id="the-condition-holds"),
        pytest.param(cluster(Disk="True"), [policy(**ADD)], None, id="it-does-not"),
        pytest.param(cluster(), [policy(**ADD)], None, id="an-absent-condition-never-matches-even-not-in"),
        pytest.param(cluster(SICK, Disk="True"), [policy(**ADD)], [], id="the-other-one-takes-it-away"),
        pytest.param(cluster(SICK, Disk="False"), [policy(**ADD)], None, id="it-is-there-already"),
        pytest.param(cluster(SICK, OTHER, Disk="True"), [policy(**ADD)], [OTHER], id="other-taints-stay"),
        pytest.param(cluster(Disk="False"), [policy()], None, id="no-conditions-never-hold"),
        pytest.param(
            cluster(Disk="False", Net="True"),
            [policy(addOnConditions=[on("Disk", "In", "False"), on("Net", "In", "False")])],
            None,
            id="all-conditions-must-hold",
        ),
        pytest.param(
            cluster(Disk="False"), [policy(targetClusters={"clusterNames": ["m2"]}, **ADD)], None, id="another-cluster"
        ),
        pytest.param(
            cluster(Disk="False"),
            [policy(targetClusters={"labelSelector": {"matchLabels": {"tier": "edge"}}}, **ADD)],
            [SICK],
            id="a-cluster-by-its-label",
        ),
        pytest.param(
            cluster(Disk="False"),
            [policy("b", removeOnConditions=[on("Disk", "In", "False")]), policy("a", "2026-04-01T00:00:00Z", **ADD)],
            None,
            id="the-policy-created-last-has-the-last-word",
        ),
        pytest.param(cluster(SICK), [], None, id="without-policies-nothing-is-taken-away"),
        pytest.param(
            cluster(Disk="False"),
            [
                policy(
                    taints=[{"key": "sick", "effect": "NoSchedule", "value": "disk"}],
                    addOnConditions=ADD["addOnConditions"],
                )
            ],
            [{**SICK, "value": "disk"}],
            id="with-a-value",
        ),
    ],
)
def test_a_cluster_is_tainted(held, policies, taints):
    after = tainted(held, policies, NOW)
    assert (after and (after["spec"].get("taints") or [])) == taints
