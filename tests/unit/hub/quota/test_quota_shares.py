"""A quota's shares as Works for the members, and its status as the members tell it."""

from fractions import Fraction
from typing import Any

import pytest

from flotilla_common.messages import ObjectReport, WorkReport
from flotilla_common.objects import Obj, copy_of, decode, encode
from flotilla_hub.quota.status import quota_status
from flotilla_hub.quota.works import quota_work

OVERALL = {"cpu": "10", "memory": "20Gi"}


def quota(*shares: Obj, **status: Any) -> Obj:
    return {
        "metadata": {"name": "q", "namespace": "team", "creationTimestamp": "2026-01-01T00:00:00Z", "generation": 3},
        "spec": {"overall": OVERALL, "staticAssignments": list(shares)},
        "status": status,
    }


EAST = {"clusterName": "east", "hard": {"cpu": 4}}


def test_a_share_is_a_resource_quota_of_the_same_name() -> None:
    work = quota_work(quota(EAST), "east")
    manifest, meta = decode(work.manifests[0]), decode(work.meta)
    assert (work.cluster, work.name, meta["namespace"]) == ("east", meta["name"], "karmada-es-east")
    assert (manifest["kind"], manifest["metadata"]["name"], manifest["metadata"]["namespace"], manifest["spec"]) == (
        "ResourceQuota",
        "q",
        "team",
        {"hard": {"cpu": "4"}},
    )
    assert manifest["metadata"]["labels"]["karmada.io/managed"] == "true"
    assert {k: v for k, v in meta["labels"].items() if k.startswith("federated")} == {
        "federatedresourcequota.karmada.io/namespace": "team",
        "federatedresourcequota.karmada.io/name": "q",
    }


def test_a_work_is_the_same_until_its_own_share_changes() -> None:
    changed = {**quota(EAST, {"clusterName": "west", "hard": {"cpu": 1}}), "kind": "FederatedResourceQuota"}
    assert quota_work(changed, "east") == quota_work(quota(EAST), "east")


def test_of_two_shares_of_one_cluster_the_first_counts() -> None:
    twice = quota(EAST, {"clusterName": "east", "hard": {"cpu": 1}})
    assert decode(quota_work(twice, "east").manifests[0])["spec"] == {"hard": {"cpu": "4"}}


def report(cluster: str, applied: bool = True, **status: Any) -> WorkReport:
    body = encode(status) if status else b""
    told = ObjectReport("v1", "ResourceQuota", "team", "q", applied=applied, status=body)
    return WorkReport(cluster, "w", "digest", applied=applied, objects=[told])


REPORTS = {
    "west": report("west", hard={"cpu": "6"}, used={"cpu": "1"}),
    "east": report("east", hard={"cpu": "4"}, used={"cpu": "500m"}),
    "north": report("north", applied=False),
    "south": report("south"),
}
TOLD = [
    {"clusterName": "east", "hard": {"cpu": "4"}, "used": {"cpu": "500m"}},
    {"clusterName": "west", "hard": {"cpu": "6"}, "used": {"cpu": "1"}},
]
STATUSES = [
    pytest.param({}, None, {"overall": OVERALL}, id="nothing-is-said-yet"),
    pytest.param(
        REPORTS,
        None,
        {"overall": OVERALL, "overallUsed": {"cpu": "1500m"}, "aggregatedStatus": TOLD},
        id="what-members-say-is-added-up",
    ),
    pytest.param(
        REPORTS,
        {"cpu": Fraction(7), "pods": Fraction(9)},
        {"overall": OVERALL, "overallUsed": {"cpu": "7"}, "aggregatedStatus": TOLD},
        id="where-it-is-enforced-the-bindings-count",
    ),
]


@pytest.mark.parametrize(("reports", "charged", "status"), STATUSES)
def test_the_status_of_a_quota(
    reports: dict[str, WorkReport], charged: dict[str, Fraction] | None, status: Obj
) -> None:
    given = quota(EAST)
    before = copy_of(given)
    after = quota_status(given, reports, charged)
    assert after == {**given, "status": status}
    assert given == before
    assert quota_status(after, reports, charged) is None
