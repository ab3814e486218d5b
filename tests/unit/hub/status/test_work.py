"""The status of a Work from the agent's report."""

import pytest

from flotilla_common.messages import ObjectReport, WorkReport
from flotilla_common.objects import GVK
from flotilla_hub.status.work import work_status

NOW = "2026-01-01T00:00:00Z"
AT, THEN = 1767225660.0, "2026-01-01T00:01:00Z"
DISPATCHING = ("Dispatching", "True")


def told(
    health: str = "Healthy", *, applied: bool = True, kind: str = "Deployment", status: bytes = b""
) -> ObjectReport:
    return ObjectReport("apps/v1", kind, "default", "nginx", applied=applied, health=health, status=status)


def report(*objects: ObjectReport, applied: bool = True, message: str = "") -> WorkReport:
    return WorkReport("m1", "web", "d", applied=applied, message=message, objects=list(objects), at=AT)


def verdicts(applied: str, available: str, progressing: str, degraded: str) -> list[tuple[str, str]]:
    return [
        DISPATCHING,
        ("Applied", applied),
        ("Available", available),
        ("Progressing", progressing),
        ("Degraded", degraded),
    ]


CONDITIONS = [
    pytest.param(None, [DISPATCHING], id="on-its-way"),
    pytest.param(report(told()), verdicts("True", "True", "False", "False"), id="applied-and-healthy"),
    pytest.param(report(told("Unknown")), verdicts("True", "False", "True", "False"), id="applied-and-not-known"),
    pytest.param(report(told("Unhealthy")), verdicts("True", "False", "True", "True"), id="applied-and-unhealthy"),
    pytest.param(
        report(told(applied=False), applied=False), [DISPATCHING, ("Applied", "False")], id="not-applied-tells-no-more"
    ),
]


@pytest.mark.parametrize(("found", "wanted"), CONDITIONS)
def test_conditions(found: WorkReport | None, wanted: list[tuple[str, str]]) -> None:
    assert [(c["type"], c["status"]) for c in work_status(found, NOW)["conditions"]] == wanted


def test_what_failed_is_counted_and_said() -> None:
    found = report(told(), told(applied=False), applied=False, message="it is not ours")
    assert work_status(found, NOW)["conditions"][1] == {
        "type": "Applied",
        "status": "False",
        "reason": "AppliedFailed",
        "message": "Failed to apply all manifests (1/2): it is not ours",
        "lastTransitionTime": THEN,
    }


def test_suspended_says_so() -> None:
    assert work_status(None, NOW, suspended=True) == {
        "conditions": [
            {
                "type": "Dispatching",
                "status": "False",
                "reason": "SuspendDispatching",
                "message": "Work dispatching is in a suspended state.",
                "lastTransitionTime": NOW,
            }
        ]
    }


def test_a_manifest_is_identified_and_its_status_shown() -> None:
    identifier = {
        "ordinal": 0,
        "group": "apps",
        "version": "v1",
        "kind": "Deployment",
        "resource": "deployments",
        "namespace": "default",
        "name": "nginx",
    }
    line = {"identifier": identifier, "status": {"replicas": 2}, "health": "Healthy"}
    assert work_status(report(told(status=b'{"replicas":2}')), NOW)["manifestStatuses"] == [line]


GUESSES = [
    pytest.param("Ingress", "ingresses", id="an-s-gets-es"),
    pytest.param("HelmRepository", "helmrepositories", id="a-y-becomes-ies"),
    pytest.param("Service", "services", id="all-else-an-s"),
]


@pytest.mark.parametrize(("kind", "resource"), GUESSES)
def test_a_resource_is_guessed(kind: str, resource: str) -> None:
    (line,) = work_status(report(told(kind=kind)), NOW)["manifestStatuses"]
    assert line["identifier"]["resource"] == resource


def test_a_resource_is_looked_up_where_that_is_possible() -> None:
    names = {GVK("apps", "v1", "Deployment"): "deploys"}
    (line,) = work_status(report(told()), NOW, resource_of=names.__getitem__)["manifestStatuses"]
    assert line["identifier"]["resource"] == "deploys"
