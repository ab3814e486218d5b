"""A plan knows what a namespace's quota has no room for, where the hub enforces quotas."""

from dataclasses import replace
from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.answers.state import State
from flotilla_hub.features import Features
from flotilla_hub.rules import Rules
from tests.unit.hub.answers.samples import changes, hub, nginx, planned, web_policy

ENFORCED = Rules(features=Features(FederatedQuotaEnforcement=True))


def asking(replicas: int) -> Obj:
    """Pods of one core each."""
    template = nginx(replicas=replicas)
    (container,) = template["spec"]["template"]["spec"]["containers"]
    container["resources"] = {"requests": {"cpu": "1"}}
    return template


def quota(cpu: str) -> Obj:
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "FederatedResourceQuota",
        "metadata": {"name": "limit", "namespace": "default"},
        "spec": {"overall": {"cpu": cpu}},
    }


def running(*objects: Obj, rules: Rules = ENFORCED) -> State:
    """Three pods in each of two clusters."""
    return replace(hub(asking(3), web_policy("eu-1", "eu-2"), *objects), rules=rules)


FULL = "FederatedResourceQuota(default/limit) exceeded for resource cpu: requested sum 10, limit 8."

CASES: list[Any] = [
    pytest.param(running(quota("8")), [], [FULL], id="there-is-no-room"),
    pytest.param(running(quota("10")), [("spec.replicas", 3, 5)], [], id="there-is"),
    pytest.param(running(quota("8"), rules=Rules()), [("spec.replicas", 3, 5)], [], id="nobody-enforces-it"),
]


@pytest.mark.parametrize(("before", "change", "troubles"), CASES)
def test_more_replicas_are_foreseen(before: State, change: list[Any], troubles: list[str]) -> None:
    told = planned(before, asking(5))
    assert changes(told) == {"eu-1": change, "eu-2": change}
    assert [trouble.message for trouble in told.troubles] == troubles
