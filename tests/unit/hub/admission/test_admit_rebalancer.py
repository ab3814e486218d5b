"""WorkloadRebalancer: at least one workload, each of which says which it is."""

from typing import Any

import pytest

from flotilla_hub.admission import ADMIT

REBALANCER = ADMIT["workloadrebalancers.apps.karmada.io"]
WEB = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "namespace": "default"}


def errors(**spec: Any) -> list[str]:
    submitted = {"kind": "WorkloadRebalancer", "metadata": {"name": "r"}, "spec": spec}
    return [str(e) for e in REBALANCER.validate(REBALANCER.default(submitted, "now", "id"), None)]


CASES = [
    pytest.param({"workloads": [WEB]}, [], id="a-workload-is-enough"),
    pytest.param({"workloads": [WEB], "ttlSecondsAfterFinished": 0}, [], id="it-may-go-at-once"),
    pytest.param({"workloads": [{**WEB, "namespace": None}]}, [], id="a-cluster-scoped-one-has-no-namespace"),
    pytest.param({}, ["spec.workloads: Required value"], id="no-list"),
    pytest.param({"workloads": []}, ["spec.workloads: Required value: at least one is needed"], id="an-empty-list"),
    pytest.param(
        {"workloads": [{**WEB, "name": ""}, {"kind": "Deployment", "name": "x", "apiVersion": ""}]},
        ["spec.workloads[0].name: Required value", "spec.workloads[1].apiVersion: Required value"],
        id="an-empty-word",
    ),
    pytest.param(
        {"workloads": [WEB], "ttlSecondsAfterFinish": 1},
        ['spec.ttlSecondsAfterFinish: unknown field; did you mean "ttlSecondsAfterFinished"?'],
        id="a-misspelt-field",
    ),
]


@pytest.mark.parametrize(("spec", "found"), CASES)
def test_every_broken_rule_is_named(spec: dict[str, Any], found: list[str]) -> None:
    assert errors(**spec) == found
