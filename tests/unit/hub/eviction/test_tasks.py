"""What leaving a cluster does to a binding, and when it is over."""

from typing import Any

import pytest

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.eviction.tasks import Departure, Review, evicted, review

NOW = "2026-05-01T10:00:00Z"
LEAVING = Departure("m1", "TaintUntolerated", "TaintManager", "Gracefully", grace_period=60)
TASK = {
    "fromCluster": "m1",
    "purgeMode": "Gracefully",
    "reason": "TaintUntolerated",
    "producer": "TaintManager",
    "creationTimestamp": NOW,
    "clustersBeforeFailover": ["m1", "m2"],
    "replicas": 2,
    "gracePeriodSeconds": 60,
}


def binding(*tasks: dict[str, Any], observed: int = 3, healthy: tuple[str, ...] = (), **spec: Any) -> Obj:
    clusters = spec.pop("clusters", [{"name": "m1", "replicas": 2}, {"name": "m2", "replicas": 1}])
    items = [{"clusterName": name, "health": "Healthy"} for name in healthy]
    return {
        "kind": "ResourceBinding",
        "metadata": {"name": "nginx-deployment", "generation": 3},
        "spec": {"clusters": clusters, **({"gracefulEvictionTasks": list(tasks)} if tasks else {}), **spec},
        "status": {"schedulerObservedGeneration": observed, "aggregatedStatus": items},
    }


def task(**more: Any) -> dict[str, Any]:
    return {"fromCluster": "m9", "reason": "R", "producer": "P", "creationTimestamp": NOW, **more}


def test_a_cluster_that_is_left_gets_a_task_and_is_no_target():
    after = evicted(binding(), LEAVING, NOW)
    assert after == binding(TASK, clusters=[{"name": "m2", "replicas": 1}])


@pytest.mark.parametrize(
    ("leaving", "expected"),
    [
        pytest.param(Departure("m1", "R", "P", "Never"), {"suppressDeletion": True}, id="never-is-for-a-person-to-end"),
        pytest.param(Departure("m1", "R", "P", "Directly", grace_period=9), {}, id="directly-waits-for-nothing"),
        pytest.param(
            Departure("m1", "R", "P", "Directly", preserved={"step": "7"}),
            {"preservedLabelState": {"step": "7"}},
            id="state-is-handed-over",
        ),
        pytest.param(Departure("m1", "R", "P", "Directly", message="why"), {"message": "why"}, id="it-says-why"),
    ],
)
def test_the_task_says_how_it_is_left(leaving, expected):
    after = evicted(binding(), leaving, NOW)
    common = {**TASK, "purgeMode": leaving.purge_mode, "reason": "R", "producer": "P"}
    del common["gracePeriodSeconds"]
    assert after and after["spec"]["gracefulEvictionTasks"] == [{**common, **expected}]


def test_a_cluster_has_one_task_at_most():
    before = binding(TASK)
    assert evicted(before, LEAVING, "2026-05-01T11:00:00Z") == binding(TASK, clusters=[{"name": "m2", "replicas": 1}])


def test_a_cluster_it_is_not_in_cannot_be_left():
    assert evicted(binding(), Departure("m7", "R", "P", "Directly"), NOW) is None


def test_without_graceful_evictions_there_is_no_task():
    assert evicted(binding(), LEAVING, NOW, graceful=False) == binding(clusters=[{"name": "m2", "replicas": 1}])


def test_but_for_what_must_never_be_removed():
    after = evicted(binding(), Departure("m1", "R", "P", "Never"), NOW, graceful=False)
    assert after and after["spec"]["gracefulEvictionTasks"][0]["suppressDeletion"] is True


def test_what_is_given_is_not_changed():
    before = binding()
    given = copy_of(before)
    evicted(before, LEAVING, NOW)
    assert before == given


TARGETS = [{"name": "m2"}]
KEPT, OVER = True, False


@pytest.mark.parametrize(
    ("held", "now", "stays", "again"),
    [
        pytest.param(binding(task(), clusters=TARGETS), "2026-05-01T10:09:00Z", KEPT, 60.0, id="in-its-time"),
        pytest.param(binding(task(), clusters=TARGETS), "2026-05-01T10:10:00Z", OVER, None, id="the-timeout-is-over"),
        pytest.param(
            binding(task(gracePeriodSeconds=30), clusters=TARGETS),
            "2026-05-01T10:00:31Z",
            OVER,
            None,
            id="its-own-time",
        ),
        pytest.param(
            binding(task(gracePeriodSeconds=900), clusters=TARGETS),
            "2026-05-01T10:10:00Z",
            KEPT,
            300.0,
            id="its-own-time-may-be-longer",
        ),
        pytest.param(binding(task(), clusters=TARGETS, healthy=("m2",)), NOW, OVER, None, id="replaced-and-healthy"),
        pytest.param(
            binding(task(), clusters=TARGETS, healthy=("m2",), observed=2), NOW, KEPT, 600.0, id="not-yet-scheduled"
        ),
        pytest.param(
            binding(task(), clusters=[{"name": "m2"}, {"name": "m3"}], healthy=("m2",)),
            NOW,
            KEPT,
            600.0,
            id="one-of-two-is-healthy",
        ),
        pytest.param(binding(task(), clusters=[]), NOW, KEPT, 600.0, id="nothing-has-taken-over"),
        pytest.param(
            binding(task(suppressDeletion=True), clusters=TARGETS, healthy=("m2",)),
            "2026-05-02T10:00:00Z",
            KEPT,
            None,
            id="held-back-until-a-person-says-so",
        ),
        pytest.param(
            binding(task(suppressDeletion=False), clusters=TARGETS), NOW, OVER, None, id="and-then-it-is-over-at-once"
        ),
        pytest.param(binding(clusters=TARGETS), NOW, OVER, None, id="no-task-at-all"),
    ],
)
def test_a_task_ends(held, now, stays, again):
    result = review(held, now, 600)
    tasks = (result.binding or held)["spec"].get("gracefulEvictionTasks")
    assert (bool(tasks), result.again) == (stays, again)


def test_a_task_without_a_time_gets_one():
    bare = {key: value for key, value in task().items() if key != "creationTimestamp"}
    assert review(binding(bare, clusters=TARGETS), NOW, 600) == Review(binding(task(), clusters=TARGETS), 600.0)
