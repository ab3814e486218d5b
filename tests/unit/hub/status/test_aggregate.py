"""Reports of the agents on the binding, and from there on the template."""

from typing import Any

import pytest

from flotilla_common.messages import ObjectReport, WorkReport
from flotilla_common.objects import Obj, copy_of, encode
from flotilla_hub.status.aggregate import aggregate, expected_clusters
from flotilla_hub.status.template import template_status
from tests.unit.hub.build import deployment, manifest

NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z"
STATUS = {"replicas": 2, "generation": 1, "observedGeneration": 1, "resourceTemplateGeneration": 2}


def binding(*clusters: str, **spec: Any) -> Obj:
    return {"metadata": {"name": "web"}, "spec": {"clusters": [{"name": name} for name in clusters], **spec}}


def applied(cluster: str, health: str = "Healthy", status: dict[str, Any] | None = STATUS) -> WorkReport:
    body = b"" if status is None else encode(status)
    told = ObjectReport("apps/v1", "Deployment", "default", "nginx", applied=True, health=health, status=body)
    return WorkReport(cluster, "web", "d", applied=True, objects=[told])


def refused(cluster: str) -> WorkReport:
    return WorkReport(cluster, "web", "d", applied=False, message="it is not ours", objects=[])


def item(cluster: str, health: str = "Healthy", **fields: Any) -> dict[str, Any]:
    return {"clusterName": cluster, "applied": True, "health": health, **fields}


REFUSED = {"clusterName": "m2", "applied": False, "appliedMessage": "it is not ours", "health": "Unknown"}
ITEMS = [
    pytest.param(
        ("m2", "m1"),
        [applied("m2"), applied("m1")],
        [item("m1", status=STATUS), item("m2", status=STATUS)],
        True,
        id="sorted-by-cluster",
    ),
    pytest.param(("m1", "m2"), [applied("m1")], [item("m1", status=STATUS)], False, id="not-all-have-answered"),
    pytest.param(
        ("m1", "m2"),
        [applied("m1"), refused("m2")],
        [item("m1", status=STATUS), REFUSED],
        False,
        id="one-could-not-apply",
    ),
    pytest.param(
        ("m1",), [applied("m1", "Unhealthy", None)], [item("m1", "Unhealthy")], True, id="applied-without-a-status-yet"
    ),
    pytest.param(
        ("m1",), [applied("m1"), applied("m9")], [item("m1", status=STATUS)], True, id="a-stranger-does-not-count"
    ),
    pytest.param(("m1",), [WorkReport("m1", "web", "d", removed=True)], [], False, id="a-removed-work-does-not-count"),
    pytest.param((), [], [], False, id="what-is-not-scheduled-is-not-applied-anywhere"),
]


@pytest.mark.parametrize(("clusters", "reports", "items", "is_applied"), ITEMS)
def test_lines_by_cluster(
    clusters: tuple[str, ...], reports: list[WorkReport], items: list[Any], is_applied: bool
) -> None:
    before = binding(*clusters)
    pristine = copy_of(before)
    done = aggregate(before, {r.cluster: r for r in reports}, NOW)
    assert done is not None
    assert done["status"]["aggregatedStatus"] == items
    assert done["status"]["conditions"][0]["status"] == str(is_applied)
    assert before == pristine


CONDITIONS = [
    pytest.param(applied("m1"), "True", "FullyAppliedSuccess", "All works have been successfully applied", id="all"),
    pytest.param(
        refused("m1"),
        "False",
        "FullyAppliedFailed",
        "Failed to apply all works, see status.aggregatedStatus for details",
        id="not-all",
    ),
]


@pytest.mark.parametrize(("report", "status", "reason", "message"), CONDITIONS)
def test_fully_applied(report: WorkReport, status: str, reason: str, message: str) -> None:
    done = aggregate(binding("m1"), {"m1": report}, NOW)
    said = {"type": "FullyApplied", "status": status, "reason": reason, "message": message, "lastTransitionTime": NOW}
    assert done is not None
    assert done["status"]["conditions"] == [said]


def test_the_same_reports_change_nothing() -> None:
    done = aggregate(binding("m1"), {"m1": applied("m1")}, NOW)
    assert done is not None
    assert aggregate(done, {"m1": applied("m1")}, LATER) is None


def test_other_parts_of_the_status_stay() -> None:
    scheduled = {"type": "Scheduled", "status": "True"}
    before = {**binding("m1"), "status": {"schedulerObservedGeneration": 3, "conditions": [scheduled]}}
    done = aggregate(before, {"m1": applied("m1")}, NOW)
    assert done is not None
    assert (done["status"]["schedulerObservedGeneration"], done["status"]["conditions"][0]) == (3, scheduled)


EXPECTED = [
    pytest.param({}, {"m1"}, id="its-targets"),
    pytest.param(
        {"requiredBy": [{"name": "app", "clusters": [{"name": "m2"}]}]}, {"m1", "m2"}, id="those-of-who-depends-on-it"
    ),
    pytest.param({"gracefulEvictionTasks": [{"fromCluster": "m2"}]}, {"m1", "m2"}, id="what-it-leaves-gently"),
    pytest.param(
        {"gracefulEvictionTasks": [{"fromCluster": "m2", "purgeMode": "Directly"}]},
        {"m1"},
        id="not-what-it-leaves-at-once",
    ),
]


@pytest.mark.parametrize(("spec", "clusters"), EXPECTED)
def test_expects(spec: dict[str, Any], clusters: set[str]) -> None:
    assert expected_clusters(binding("m1", **spec)) == clusters


def collected(*statuses: dict[str, Any] | None) -> Obj:
    lines = [item(f"m{i}", **({} if s is None else {"status": s})) for i, s in enumerate(statuses, 1)]
    return {"status": {"aggregatedStatus": lines}}


def test_a_template_sums_its_members() -> None:
    template = deployment()
    done = template_status(template, collected(STATUS, STATUS))
    assert done == {**template, "status": {"replicas": 4, "observedGeneration": 2}}


UNCHANGED = [
    pytest.param(
        {**deployment(), "status": {"replicas": 2, "observedGeneration": 2}}, collected(STATUS), id="it-says-so-already"
    ),
    pytest.param(manifest("ConfigMap"), collected(None), id="the-kind-has-no-status"),
    pytest.param(manifest("Job", api_version="batch/v1"), {}, id="nobody-has-said-anything"),
]


@pytest.mark.parametrize(("template", "binding"), UNCHANGED)
def test_a_template_is_left_alone(template: Obj, binding: Obj) -> None:
    assert template_status(template, binding) is None


TROUBLE = {"clusterName": "m1", "applied": False, "appliedMessage": "too large", "health": "Unknown"}
TROUBLES = [
    pytest.param(
        [applied("m1"), applied("m2")], {"m1": "too large"}, [TROUBLE, item("m2", status=STATUS)], id="outranks"
    ),
    pytest.param([], {"m1": "too large"}, [TROUBLE], id="is-told-where-nothing-was-ever-applied"),
    pytest.param([applied("m2")], {"m9": "too large"}, [item("m2", status=STATUS)], id="of-a-stranger-does-not-count"),
]


@pytest.mark.parametrize(("reports", "troubles", "items"), TROUBLES)
def test_trouble_of_the_hubs_own(
    reports: list[WorkReport], troubles: dict[str, str], items: list[dict[str, Any]]
) -> None:
    done = aggregate(binding("m1", "m2"), {r.cluster: r for r in reports}, NOW, troubles)
    assert done is not None
    assert done["status"]["aggregatedStatus"] == items
    assert done["status"]["conditions"][0]["status"] == "False"
