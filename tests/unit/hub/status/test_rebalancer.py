"""What a WorkloadRebalancer asks of bindings, says of its workloads, and when its time is up."""

from typing import Any

import pytest

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.status.rebalancer import Workload, asked_anew, concluded, pending, seconds_left

MADE, DONE, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z", "2026-01-01T00:01:00Z"
APP: Workload = ("apps/v1", "Deployment", "default", "app")
WEB: Workload = ("apps/v1", "Deployment", "default", "web")
ROLE: Workload = ("rbac.authorization.k8s.io/v1", "ClusterRole", "", "reader")
DONE_WELL, NOT_FOUND = {"result": "Successful"}, {"result": "Failed", "reason": "ReferencedBindingNotFound"}


def workload(id_: Workload) -> Obj:
    words = dict(zip(("apiVersion", "kind", "namespace", "name"), id_, strict=True))
    return {word: value for word, value in words.items() if value}


def line(id_: Workload, result: dict[str, str]) -> Obj:
    return {"workload": workload(id_), **result}


def rebalancer(*workloads: Workload, told: list[Obj] | None = None, finished: str = "", **spec: Any) -> Obj:
    status = {"observedWorkloads": told, "observedGeneration": 1} if told is not None else {}
    return {
        "metadata": {"name": "r", "creationTimestamp": MADE, "generation": 1},
        "spec": {"workloads": [workload(w) for w in workloads], **spec},
        "status": {**status, **({"finishTime": finished} if finished else {})},
    }


PENDING = [
    pytest.param(rebalancer(WEB, APP, ROLE), (APP, WEB, ROLE), id="all-of-them-at-first-in-order"),
    pytest.param(rebalancer(WEB, WEB), (WEB,), id="one-named-twice-once"),
    pytest.param(rebalancer(WEB, APP, told=[line(WEB, DONE_WELL)]), (APP,), id="what-is-done-is-done"),
    pytest.param(rebalancer(WEB, told=[line(WEB, NOT_FOUND)]), (), id="what-was-not-found-is-not-looked-for-again"),
]


@pytest.mark.parametrize(("given", "expected"), PENDING)
def test_what_is_still_to_be_asked(given: Obj, expected: tuple[Workload, ...]) -> None:
    assert pending(given) == expected


CONCLUDED = [
    pytest.param(
        rebalancer(WEB, APP),
        {WEB: True, APP: False},
        {"observedWorkloads": [line(APP, NOT_FOUND), line(WEB, DONE_WELL)], "finishTime": DONE},
        id="each-has-a-result-and-it-is-finished",
    ),
    pytest.param(
        rebalancer(WEB, APP),
        {WEB: True},
        {"observedWorkloads": [{"workload": workload(APP)}, line(WEB, DONE_WELL)]},
        id="one-that-is-pending-has-none-and-it-is-not",
    ),
    pytest.param(
        rebalancer(APP, told=[line(WEB, DONE_WELL)], finished=MADE),
        {APP: True},
        {"observedWorkloads": [line(APP, DONE_WELL), line(WEB, DONE_WELL)], "finishTime": DONE},
        id="what-was-rebalanced-and-taken-off-the-list-stays",
    ),
    pytest.param(
        rebalancer(APP, told=[line(APP, DONE_WELL), line(WEB, NOT_FOUND)], finished=MADE),
        {},
        {"observedWorkloads": [line(APP, DONE_WELL)], "finishTime": DONE},
        id="what-was-not-found-and-taken-off-the-list-goes",
    ),
]


@pytest.mark.parametrize(("given", "found", "status"), CONCLUDED)
def test_the_status_has_a_line_per_workload(given: Obj, found: dict[Workload, bool], status: Obj) -> None:
    before = copy_of(given)
    after = concluded(given, found, DONE)
    assert after == {**given, "status": {**status, "observedGeneration": 1}}
    assert given == before
    assert concluded(after, {}, LATER) is None


TIMES = [
    pytest.param(None, MADE, id="never-asked"),
    pytest.param("2025-12-31T23:59:59Z", MADE, id="asked-before"),
    pytest.param(MADE, None, id="asked-by-this-very-one"),
    pytest.param(LATER, None, id="asked-later"),
]


@pytest.mark.parametrize(("asked", "expected"), TIMES)
def test_a_binding_is_asked_once_and_never_back_in_time(asked: str | None, expected: str | None) -> None:
    metadata = {"name": "web-deployment", "generation": 4}
    binding = {"metadata": metadata, "spec": {"replicas": 2, **({"rescheduleTriggeredAt": asked} if asked else {})}}
    after = asked_anew(binding, rebalancer(WEB))
    if expected is None:
        assert after is None
    else:
        assert after is not None
        assert (after["spec"], after["metadata"]["generation"]) == ({"replicas": 2, "rescheduleTriggeredAt": MADE}, 5)


LIFE = [
    pytest.param({"finished": DONE}, None, id="without-a-limit-it-stays"),
    pytest.param({"ttlSecondsAfterFinished": 30}, None, id="unfinished-it-stays"),
    pytest.param({"finished": DONE, "ttlSecondsAfterFinished": 90}, 40.0, id="some-time-is-left"),
    pytest.param({"finished": DONE, "ttlSecondsAfterFinished": 0}, -50.0, id="its-time-is-up"),
]


@pytest.mark.parametrize(("given", "left"), LIFE)
def test_how_long_it_stays(given: dict[str, Any], left: float | None) -> None:
    assert seconds_left(rebalancer(WEB, **given), LATER) == left
