"""Why a cluster is turned down: every plugin that says no, with the values it looked at."""

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.answers.state import State
from tests.unit.hub.answers.samples import (
    LATER,
    hub,
    member,
    nginx,
    told,
    verdicts,
)
from tests.unit.hub.build import policy_object


def reasons(state: State, cluster: str) -> list[tuple[str, str]]:
    return [(r.plugin, r.detail or r.message) for r in verdicts(told(state))[cluster].reasons]


TAINTS = [
    {"key": "gpu", "value": "yes", "effect": "NoSchedule", "timeAdded": "2026-01-01T00:00:00Z"},
    {"key": "old", "effect": "NoExecute"},
    {"key": "mild", "effect": "PreferNoSchedule"},
]


def affinity(**fields: object) -> Obj:
    return policy_object("web", placement={"clusterAffinity": fields})


def expression(key: str, operator: str, *values: str) -> Obj:
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(values)} if values else {})}]}


VERDICTS = [
    pytest.param(
        affinity(clusterNames=["eu-1"]),
        member("x"),
        [("ClusterAffinity", "it is not in clusterNames (eu-1)")],
        id="name",
    ),
    pytest.param(affinity(exclude=["x"]), member("x"), [("ClusterAffinity", "it is in exclude")], id="excluded"),
    pytest.param(
        affinity(labelSelector={"matchLabels": {"region": "eu"}}),
        member("us-9"),
        [("ClusterAffinity", "its label is region=us, the policy wants region=eu")],
        id="label",
    ),
    pytest.param(
        affinity(labelSelector=expression("tier", "In", "edge", "core")),
        member("x"),
        [("ClusterAffinity", "it has no label tier, the policy wants tier In (edge, core)")],
        id="label-expression",
    ),
    pytest.param(
        affinity(fieldSelector=expression("provider", "NotIn", "here")),
        member("x", provider="here"),
        [("ClusterAffinity", "its provider is here, the policy wants provider NotIn (here)")],
        id="field",
    ),
    pytest.param(
        policy_object("web", placement={"clusterAntiAffinity": {"clusterNames": ["x"]}}),
        member("x"),
        [("ClusterAntiAffinity", "the policy's clusterAntiAffinity matches it")],
        id="anti-affinity",
    ),
    pytest.param(
        policy_object("web"),
        member("x", kinds=("StatefulSet",)),
        [("APIEnablement", "apps/v1 Deployment is not among the 4 kinds its agent reports")],
        id="api",
    ),
    pytest.param(
        policy_object("web"),
        {**member("x"), "status": {}},
        [("APIEnablement", "its agent has not said yet what it serves")],
        id="an-agent-that-never-spoke",
    ),
    pytest.param(
        policy_object("web"),
        member("x", taints=TAINTS),
        [("TaintToleration", "gpu=yes:NoSchedule since 2026-01-01T00:00:00Z, old:NoExecute")],
        id="taints",
    ),
    pytest.param(
        policy_object("web", placement={"spreadConstraints": [{"spreadByField": "region", "maxGroups": 1}]}),
        member("x"),
        [("SpreadConstraint", "cluster(s) did not have region property")],
        id="spread",
    ),
    pytest.param(
        affinity(clusterNames=["eu-1"]),
        member("x", kinds=(), taints=TAINTS[1:2]),
        [
            ("ClusterAffinity", "it is not in clusterNames (eu-1)"),
            ("APIEnablement", "apps/v1 Deployment is not among the 3 kinds its agent reports"),
            ("TaintToleration", "old:NoExecute"),
        ],
        id="all-that-fail-not-only-the-first",
    ),
    pytest.param(
        policy_object("web"),
        {**member("x"), "metadata": {**member("x")["metadata"], "deletionTimestamp": LATER}},
        [("Registration", "the cluster is leaving")],
        id="a-cluster-that-leaves",
    ),
    pytest.param(policy_object("web"), member("x"), [], id="none-when-it-fits"),
]


@pytest.mark.parametrize(("policy", "cluster", "expected"), VERDICTS)
def test_why_a_cluster_is_turned_down(policy: Obj, cluster: Obj, expected: list[tuple[str, str]]) -> None:
    state = hub(nginx(), policy, clusters=(member("eu-1", region="eu"), cluster))
    name = cluster["metadata"]["name"]
    assert reasons(state, name) == expected
    assert verdicts(told(state))[name].fit == (not expected)
