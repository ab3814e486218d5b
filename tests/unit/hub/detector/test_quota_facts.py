"""What a member's quotas are looked up by travels with a replica's requirements."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.detector.quota_facts import with_quota_facts
from tests.unit.hub.build import deployment, manifest

CPU = {"resourceRequest": {"cpu": "1"}}


def of_class(name: str) -> Obj:
    made = deployment(namespace="team")
    made["spec"]["template"]["spec"]["priorityClassName"] = name
    return made


CASES: list[Any] = [
    pytest.param(of_class("high"), CPU, {**CPU, "namespace": "team", "priorityClassName": "high"}, id="a-deployment"),
    pytest.param(deployment(namespace="team"), CPU, {**CPU, "namespace": "team"}, id="without-a-class"),
    pytest.param(
        manifest("Pod", namespace="team", spec={"priorityClassName": "high"}),
        CPU,
        {**CPU, "namespace": "team", "priorityClassName": "high"},
        id="a-pod",
    ),
    pytest.param(of_class("high"), None, None, id="pods-that-ask-for-nothing"),
]


@pytest.mark.parametrize(("template", "requirements", "expected"), CASES)
def test_namespace_and_class(template: Obj, requirements: Obj | None, expected: Obj | None) -> None:
    assert with_quota_facts(template, requirements) == expected
