"""FederatedResourceQuota: amounts of resources that can be limited, and assignments that fit into the whole."""

from typing import Any

import pytest

from flotilla_hub.admission import ADMIT

QUOTA = ADMIT["federatedresourcequotas.policy.karmada.io"]
WHOLE = {"cpu": "10", "memory": "20Gi"}


def errors(name: str = "q", **spec: Any) -> list[str]:
    submitted = {"kind": "FederatedResourceQuota", "metadata": {"name": name, "namespace": "default"}, "spec": spec}
    return [str(e) for e in QUOTA.validate(QUOTA.default(submitted, "now", "id"), None)]


def share(cluster: str, **hard: Any) -> dict[str, Any]:
    return {"clusterName": cluster, "hard": hard}


VALID = [
    pytest.param({"overall": WHOLE}, id="a-whole-is-enough"),
    pytest.param({"overall": {}}, id="even-of-nothing"),
    pytest.param({"overall": {"pods": 5, "cpu": 1.5, "example.com/gpu": "2"}}, id="numbers-and-extended-resources"),
    pytest.param({"overall": {"requests.cpu": 1, "count/jobs.batch": 3}}, id="what-a-resource-quota-may-limit"),
    pytest.param(
        {"overall": WHOLE, "staticAssignments": [share("a", cpu=4), share("b", cpu="6000m")]},
        id="assignments-that-just-fit",
    ),
]

INVALID = [
    pytest.param({}, ["spec.overall: Required value"], id="no-whole"),
    pytest.param(
        {"overall": {"cpus": 1}},
        ['spec.overall[cpus]: Invalid value: "cpus": must be a standard resource for quota'],
        id="no-resource",
    ),
    pytest.param(
        {"overall": {"cpu": "-1"}},
        [
            'spec.overall[cpu]: Invalid value: "-1": must be greater than or equal to 0',
            'spec.overall[cpu]: Invalid value: "-1": is less than what is assigned to clusters',
        ],
        id="a-negative-amount",
    ),
    pytest.param(
        {"overall": {"pods": "1.5"}},
        ['spec.overall[pods]: Invalid value: "1.5": must be an integer'],
        id="half-a-pod",
    ),
    pytest.param(
        {"overall": {"memory": "1GB"}},
        [
            'spec.overall[memory]: Invalid value: "1GB": is not a quantity; write a number with an optional unit, as '
            "in 250m, 2 or 512Mi"
        ],
        id="no-quantity",
    ),
    pytest.param(
        {"overall": {"cpu": "9"}, "staticAssignments": [share("a", cpu=4), share("b", cpu="6")]},
        ['spec.overall[cpu]: Invalid value: "9": is less than what is assigned to clusters'],
        id="more-is-assigned-than-there-is",
    ),
    pytest.param(
        {"overall": {"cpu": "9"}, "staticAssignments": [share("a", memory="1Gi")]},
        ['spec.staticAssignments[0].hard[memory]: Invalid value: "memory": must also be in spec.overall'],
        id="something-is-assigned-that-the-whole-does-not-limit",
    ),
    pytest.param(
        {"overall": WHOLE, "staticAssignments": [share("A_b", cpu=1)]},
        [
            'spec.staticAssignments[0].clusterName: Invalid value: "A_b": must consist of lower case letters, digits '
            "or '-', and must start and end with a letter or digit"
        ],
        id="no-cluster-name",
    ),
    pytest.param(
        {"overall": WHOLE, "staticAssignment": []},
        ['spec.staticAssignment: unknown field; did you mean "staticAssignments"?'],
        id="a-misspelt-field",
    ),
]


@pytest.mark.parametrize("spec", VALID)
def test_what_keeps_the_rules_is_admitted(spec: dict[str, Any]) -> None:
    assert errors(**spec) == []


@pytest.mark.parametrize(("spec", "found"), INVALID)
def test_every_broken_rule_is_named(spec: dict[str, Any], found: list[str]) -> None:
    assert errors(**spec) == found


def test_a_name_must_fit_into_a_label() -> None:
    assert errors("q" * 64, overall={}) == [
        f'metadata.name: Invalid value: "{"q" * 64}": must be no more than 63 characters'
    ]
