"""ClusterTaintPolicy: what may be stored."""

from typing import Any

import pytest

from flotilla_hub.admission import ADMIT

POLICY = ADMIT["clustertaintpolicies.policy.karmada.io"]
TAINT = {"key": "sick", "effect": "NoSchedule"}
ON = {"conditionType": "Ready", "operator": "In", "statusValues": ["False"]}


def errors(**spec: Any) -> list[str]:
    obj = {"kind": "ClusterTaintPolicy", "metadata": {"name": "p"}, "spec": {"taints": [TAINT], **spec}}
    return [str(e) for e in POLICY.validate(POLICY.default(obj, "now", "id"), None)]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, [], id="only-taints"),
        pytest.param({"addOnConditions": [ON], "removeOnConditions": [ON], "targetClusters": {}}, [], id="all-of-it"),
        pytest.param({"taints": []}, ["spec.taints: Required value: at least one is needed"], id="no-taint"),
        pytest.param(
            {"taints": [TAINT, TAINT]}, ['spec.taints[1]: Duplicate value: "sick:NoSchedule"'], id="twice-the-same"
        ),
        pytest.param(
            {"taints": [{**TAINT, "effect": "NoExecute"}]},
            ["spec.taints[0].effect: Forbidden: NoExecute evicts what runs; a policy may only set NoSchedule"],
            id="no-execute",
        ),
        pytest.param(
            {"taints": [{**TAINT, "effect": "PreferNoSchedule"}]},
            ['spec.taints[0].effect: Unsupported value: "PreferNoSchedule": supported values: "NoSchedule"'],
            id="another-effect",
        ),
        pytest.param(
            {"taints": [{**TAINT, "key": ""}]},
            ['spec.taints[0].key: Invalid value: "": must not be empty'],
            id="no-key",
        ),
        pytest.param(
            {"addOnConditions": [{**ON, "operator": "Is"}]},
            ['spec.addOnConditions[0].operator: Unsupported value: "Is": supported values: "In", "NotIn"'],
            id="no-such-operator",
        ),
        pytest.param(
            {"removeOnConditions": [{**ON, "statusValues": []}]},
            ["spec.removeOnConditions[0].statusValues: Required value: at least one is needed"],
            id="no-values",
        ),
        pytest.param(
            {"addOnConditions": [{**ON, "statusValues": ["Yes"]}]},
            [
                'spec.addOnConditions[0].statusValues[0]: Unsupported value: "Yes": supported values: "False", "True", '
                '"Unknown"'
            ],
            id="no-status",
        ),
        pytest.param(
            {"taints": [{**TAINT, "key": "cluster.karmada.io/not-ready"}]},
            ["spec.taints[0].key: Forbidden: the hub itself sets and removes it, by the Ready condition"],
            id="the-hubs-own-taint",
        ),
        pytest.param({"taint": []}, ['spec.taint: unknown field; did you mean "taints"?'], id="misspelt"),
    ],
)
def test_a_taint_policy_is_judged(spec, expected):
    assert errors(**spec) == expected
