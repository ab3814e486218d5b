"""Which clusters a placement means, and which it rules out for ever."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.scheduler.plugins import cluster_affinity, cluster_anti_affinity
from tests.unit.hub.scheduler.samples import cluster, request

NOT_MEANT = "cluster(s) did not match the placement cluster affinity constraint"
BANNED = "cluster(s) matched the placement cluster anti-affinity constraint"
IN_EU = {"labels": {"area": "eu"}, "region": "eu", "zones": ("eu-1", "eu-2"), "provider": "acme"}


def by_label(value: str) -> Obj:
    return {"labelSelector": {"matchLabels": {"area": value}}}


def by_field(key: str, operator: str, *values: str) -> Obj:
    return {"fieldSelector": {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}}


AFFINITY = [
    pytest.param({"clusterNames": ["m1"]}, {}, True, id="named"),
    pytest.param({"clusterNames": ["m2"]}, {}, False, id="not-named"),
    pytest.param({"clusterNames": []}, {}, True, id="no-names-are-all-names"),
    pytest.param({"exclude": ["m1"], "clusterNames": ["m1"]}, {}, False, id="exclude-outranks"),
    pytest.param(by_label("eu"), IN_EU, True, id="labelled"),
    pytest.param(by_label("us"), IN_EU, False, id="labelled-otherwise"),
    pytest.param({"clusterNames": ["m2"], **by_label("eu")}, IN_EU, False, id="all-of-it-must-hold"),
    pytest.param(by_field("region", "In", "eu"), IN_EU, True, id="in-the-region"),
    pytest.param(by_field("region", "In", "eu"), {}, False, id="without-a-region-in-none"),
    pytest.param(by_field("provider", "NotIn", "acme"), {}, True, id="without-a-provider-not-in-any"),
    pytest.param(by_field("zone", "In", "eu-2", "x"), IN_EU, True, id="one-of-its-zones-will-do"),
    pytest.param(by_field("zone", "NotIn", "eu-2"), IN_EU, False, id="one-of-its-zones-is-too-many"),
    pytest.param(by_field("zone", "In", "eu-1"), {}, False, id="without-zones-in-none"),
    pytest.param(by_field("zone", "NotIn", "eu-1"), {}, True, id="without-zones-not-in-any"),
    pytest.param(by_field("region", "Exists"), IN_EU, True, id="it-has-a-region"),
    pytest.param(by_field("region", "Exists"), {}, False, id="it-has-no-region"),
    pytest.param(by_field("zone", "DoesNotExist"), {}, True, id="it-has-no-zones"),
    pytest.param(by_field("zone", "DoesNotExist"), IN_EU, False, id="it-has-zones"),
    pytest.param({**by_label("eu"), **by_field("region", "In", "us")}, IN_EU, False, id="labels-and-fields-must-hold"),
]


@pytest.mark.parametrize(("affinity", "member", "is_meant"), AFFINITY)
def test_affinity(affinity: Obj, member: dict[str, Any], is_meant: bool) -> None:
    asked = request({"clusterAffinity": affinity}, previous={"m1": 1})
    assert cluster_affinity.filter(asked, cluster("m1", **member)) == (None if is_meant else NOT_MEANT)


def test_no_affinity_means_all() -> None:
    assert cluster_affinity.filter(request(), cluster("m1")) is None


OVERFLOW = {"overflowAffinities": [{"affinityName": "c", "affinity": {"clusterNames": ["m3"]}}]}
GROUPS = {
    "clusterAffinities": [
        {"affinityName": "a", "clusterNames": ["m1"], **OVERFLOW},
        {"affinityName": "b", "clusterNames": ["m2"]},
    ]
}
IN_FORCE = [
    pytest.param(0, 1, {"m1", "m3"}, id="the-first-with-what-it-may-overflow-into"),
    pytest.param(0, 0, {"m1"}, id="what-is-no-workload-does-not-overflow"),
    pytest.param(1, 1, {"m2"}, id="the-second-in-its-turn"),
]


@pytest.mark.parametrize(("term", "replicas", "meant"), IN_FORCE)
def test_only_the_group_in_force_counts(term: int, replicas: int, meant: set[str]) -> None:
    asked = request(GROUPS, term=term, replicas=replicas)
    assert {name for name in ("m1", "m2", "m3") if cluster_affinity.filter(asked, cluster(name)) is None} == meant


def test_being_meant_is_no_merit() -> None:
    assert cluster_affinity.score(request(), cluster("m1")) == 0


BANS = [
    pytest.param({"clusterNames": ["m1"]}, True, id="banned-by-name"),
    pytest.param({"clusterNames": ["m2"]}, False, id="another-is-banned"),
    pytest.param(by_label("eu"), True, id="banned-by-label"),
    pytest.param({"exclude": ["m1"]}, False, id="all-but-this-one-are-banned"),
    pytest.param({}, False, id="an-empty-ban-bans-nobody"),
]


@pytest.mark.parametrize(("ban", "is_banned"), BANS)
def test_anti_affinity_holds_for_present_targets_too(ban: Obj, is_banned: bool) -> None:
    asked = request({"clusterAntiAffinity": ban}, previous={"m1": 1})
    assert cluster_anti_affinity.filter(asked, cluster("m1", **IN_EU)) == (BANNED if is_banned else None)
