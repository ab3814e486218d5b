"""What the hub is told, in Karmada's words."""

from flotilla_agent.engine import report
from flotilla_common.messages import ObjectReport, WorkReport
from flotilla_common.objects import decode, ref_of
from tests.works import config_map, deployment, tombstone, work

READY = {
    **deployment(replicas=2),
    "status": {"replicas": 2, "readyReplicas": 2, "availableReplicas": 2, "updatedReplicas": 2},
}
WORK = work(deployment(), config_map())
GOOD = report.object_report(ref_of(deployment()), 0, READY)
BAD = report.object_report(ref_of(config_map()), 1, None, error="no room")


def test_an_object_that_is_there_tells_its_health_and_status() -> None:
    assert (GOOD.applied, GOOD.kind, GOOD.namespace, GOOD.name) == (True, "Deployment", "default", "web")
    assert (GOOD.health, decode(GOOD.status)["readyReplicas"]) == ("Healthy", 2)


def test_an_object_that_is_not_there_tells_why() -> None:
    assert ObjectReport("v1", "ConfigMap", "default", "colours", False, "no room", "Unknown", b"", 1) == BAD


def test_all_applied() -> None:
    told = report.work_report(WORK, [GOOD])

    assert (told.applied, told.reason, told.message, told.digest) == (
        True,
        "AppliedSuccessful",
        "Manifest has been successfully applied",
        WORK.digest(),
    )


def test_some_failed() -> None:
    told = report.work_report(WORK, [BAD, GOOD], ["a leftover stayed"])

    assert (told.applied, told.reason, told.message) == (
        False,
        "AppliedFailed",
        "Failed to apply all manifests (1/2): no room; a leftover stayed",
    )
    assert [o.ordinal for o in told.objects] == [0, 1]


def test_nothing_could_be_tried() -> None:
    assert report.failed(WORK, "it is broken").message == "Failed to apply all manifests (0/2): it is broken"


def test_a_tombstone_is_answered() -> None:
    gone = tombstone()

    assert report.removed(gone) == WorkReport("m1", "w", gone.digest(), removed=True)
    assert not report.removed(gone, ["in use"]).removed


def test_a_new_status_changes_only_its_own_object() -> None:
    before = report.work_report(WORK, [GOOD, BAD])

    after = report.with_status(before, 0, {**READY, "status": {}})

    assert (after.applied, after.message, after.objects[1]) == (before.applied, before.message, BAD)
    assert (after.objects[0].applied, after.objects[0].health) == (True, "Unhealthy")


def test_a_status_of_a_strange_shape_is_no_reason_to_fail() -> None:
    strange = {**deployment(), "status": "fine"}

    assert report.object_report(ref_of(strange), 0, strange).health == "Unknown"
