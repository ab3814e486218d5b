"""A Cluster's status and taints, from what its agent said and whether it is still heard."""

from typing import Any

import pytest

from flotilla_common.node_grades import default_grades, digest_of_grades
from flotilla_common.objects import Obj, copy_of, encode
from flotilla_hub.status.cluster import NOT_READY, UNREACHABLE, cluster_after

THEN, NOW, LATER = "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z"
MINE = {"key": "mine", "value": "x", "effect": "NoExecute"}


def cluster(status: dict[str, Any] | None = None, *taints: dict[str, Any]) -> Obj:
    spec = {"syncMode": "Pull", **({"taints": list(taints)} if taints else {})}
    return {"metadata": {"name": "m1"}, "spec": spec, **({"status": status} if status else {})}


def said(status: str = "True", reason: str = "ClusterReady", **more: Any) -> bytes:
    return encode({"conditions": [{"type": "Ready", "status": status, "reason": reason, "message": ""}], **more})


def taint(key: str, when: str = NOW) -> dict[str, Any]:
    return {"key": key, "effect": "NoSchedule", "timeAdded": when}


def words(after: Obj | None) -> tuple[str, str, list[str]]:
    """Status and reason of Ready, and the keys of the taints."""
    assert after is not None
    ready = next((c for c in (after.get("status") or {}).get("conditions") or () if c["type"] == "Ready"), None)
    keys = [t["key"] for t in after["spec"].get("taints") or ()]
    return (ready["status"], ready["reason"], keys) if ready else ("", "", keys)


STEPS = [
    pytest.param(None, False, ("", "", [NOT_READY]), id="not-heard-yet"),
    pytest.param(None, True, ("Unknown", "ClusterStatusNeverUpdated", [UNREACHABLE]), id="never-heard"),
    pytest.param(said(), False, ("True", "ClusterReady", []), id="ready"),
    pytest.param(said("False", "NoDoor"), False, ("False", "NoDoor", [NOT_READY]), id="not-ready"),
    pytest.param(said(), True, ("Unknown", "ClusterStatusUnknown", [UNREACHABLE]), id="lost-before-it-was-shown"),
    pytest.param(encode({"conditions": None}), False, ("", "", [NOT_READY]), id="a-report-without-conditions"),
]


@pytest.mark.parametrize(("reported", "silent", "expected"), STEPS)
def test_a_fresh_cluster(reported: bytes | None, silent: bool, expected: tuple[str, str, list[str]]) -> None:
    before = cluster()
    pristine = copy_of(before)
    assert words(cluster_after(before, reported, silent, NOW)) == expected
    assert before == pristine


LOST = [
    pytest.param(said(), id="with-its-last-words-at-hand"),
    pytest.param(None, id="after-a-restart-of-the-hub"),
]


@pytest.mark.parametrize("reported", LOST)
def test_a_cluster_that_falls_silent_is_unknown_since_then_and_nothing_moves_after(reported: bytes | None) -> None:
    ready = cluster_after(cluster(), said(), False, THEN)
    assert ready is not None
    lost = cluster_after(ready, reported, True, NOW)
    assert words(lost) == ("Unknown", "ClusterStatusUnknown", [UNREACHABLE])
    assert lost is not None
    assert lost["status"]["conditions"][0]["lastTransitionTime"] == NOW
    assert cluster_after(lost, reported, True, LATER) is None


def test_a_cluster_that_is_heard_again_loses_our_taint_and_keeps_all_others() -> None:
    lost = cluster({"conditions": [{"type": "Ready", "status": "Unknown"}]}, MINE, taint(UNREACHABLE, THEN))
    after = cluster_after(lost, said(), False, NOW)
    assert after is not None
    assert (words(after), after["spec"]["taints"]) == (("True", "ClusterReady", ["mine"]), [MINE])


def test_a_taint_keeps_the_time_it_was_set_at() -> None:
    down = cluster_after(cluster(), said("False"), False, THEN)
    again = cluster_after(down or {}, said("False", "Other"), False, NOW)
    assert again is not None
    assert again["spec"]["taints"] == [taint(NOT_READY, THEN)]


def test_the_same_report_again_changes_nothing() -> None:
    once = cluster_after(cluster(), said(kubernetesVersion="v1.31.0"), False, THEN)
    assert once is not None
    assert cluster_after(once, said(kubernetesVersion="v1.31.0"), False, NOW) is None


def test_what_a_report_does_not_mention_stays() -> None:
    held = cluster({"conditions": [{"type": "Other", "status": "True"}], "kubernetesVersion": "v1.30.0"})
    after = cluster_after(held, said(apiEnablements=[]), False, NOW)
    assert after is not None
    assert after["status"]["kubernetesVersion"] == "v1.30.0"
    assert [c["type"] for c in after["status"]["conditions"]] == ["Other", "Ready"]


GRADES = default_grades()
SUMMARY = {"allocatable": {"cpu": "4"}, "allocatableModelings": [{"grade": 0, "count": 2}]}
COUNTED = [
    pytest.param(GRADES, digest_of_grades(GRADES), SUMMARY, id="by-the-same"),
    pytest.param(GRADES, digest_of_grades(GRADES[:2]), {"allocatable": {"cpu": "4"}}, id="by-others"),
    pytest.param(GRADES, "", {"allocatable": {"cpu": "4"}}, id="by-an-agent-that-does-not-say"),
    pytest.param([], digest_of_grades(GRADES), {"allocatable": {"cpu": "4"}}, id="by-some-although-it-has-none"),
]


@pytest.mark.parametrize(("grades", "graded", "summary"), COUNTED)
def test_nodes_counted_by_other_grades_than_its_own_are_left_out(
    grades: list[Obj], graded: str, summary: dict[str, Any]
) -> None:
    before = cluster()
    before["spec"]["resourceModels"] = grades
    after = cluster_after(before, said(resourceSummary=SUMMARY), False, NOW, graded)
    assert after is not None
    assert after["status"]["resourceSummary"] == summary
