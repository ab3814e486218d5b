"""Each filter's verdict in upstream's words, and each score."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.model.cluster import Taint
from flotilla_hub.scheduler.plugins import (
    Filter,
    api_enablement,
    cluster_affinity,
    cluster_anti_affinity,
    cluster_eviction,
    cluster_locality,
    spread_constraint,
    taint_toleration,
)
from tests.unit.hub.scheduler.samples import TAINT, cluster, request

THERE: dict[str, Any] = {"previous": {"m1": 1}}
NOWHERE: dict[str, Any] = {}


def affinity(**fields: Any) -> Obj:
    return {"clusterAffinity": fields}


def term(name: str, *clusters: str, **more: Any) -> Obj:
    return {"affinityName": name, "clusterNames": list(clusters), **more}


def tolerates(**fields: Any) -> Obj:
    return {"clusterTolerations": [fields]}


def spread(*fields: str) -> Obj:
    return {"spreadConstraints": [{"spreadByField": field} for field in fields]}


NO_API = "cluster(s) did not have the API resource"
TAINTED = "cluster(s) had untolerated taint {gpu=yes:NoSchedule}"
NOT_MEANT = "cluster(s) did not match the placement cluster affinity constraint"
BANNED = "cluster(s) matched the placement cluster anti-affinity constraint"
LEAVING = "cluster(s) is in the process of eviction"
WITH_TAINT = {"taints": (TAINT,)}
IN_EU = {"labels": {"area": "eu"}, "region": "eu", "zones": ("eu-1", "eu-2"), "provider": "acme"}
OVERFLOW = {"overflowAffinities": [{"affinityName": "b", "affinity": {"clusterNames": ["m1"]}}]}


def by_field(key: str, operator: str, *values: str) -> Obj:
    return affinity(fieldSelector={"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]})


ROWS = [
    pytest.param(api_enablement.filter, {}, NOWHERE, {}, None, id="api-is-served"),
    pytest.param(api_enablement.filter, {}, NOWHERE, {"apis": frozenset()}, NO_API, id="api-is-not-served"),
    pytest.param(
        api_enablement.filter, {}, THERE, {"apis": frozenset()}, None, id="api-of-a-present-target-is-believed"
    ),
    pytest.param(taint_toleration.filter, {}, NOWHERE, WITH_TAINT, TAINTED, id="taint"),
    pytest.param(
        taint_toleration.filter,
        {},
        NOWHERE,
        {"taints": (Taint("cordon", "", "NoExecute"),)},
        "cluster(s) had untolerated taint {cordon:NoExecute}",
        id="taint-without-value",
    ),
    pytest.param(
        taint_toleration.filter,
        {},
        NOWHERE,
        {"taints": (Taint("x", "", "PreferNoSchedule"),)},
        None,
        id="a-preference-is-no-taint",
    ),
    pytest.param(taint_toleration.filter, {}, THERE, WITH_TAINT, None, id="a-taint-does-not-evict"),
    pytest.param(
        taint_toleration.filter, tolerates(key="gpu", value="yes"), NOWHERE, WITH_TAINT, None, id="tolerated-by-value"
    ),
    pytest.param(
        taint_toleration.filter, tolerates(key="gpu", value="no"), NOWHERE, WITH_TAINT, TAINTED, id="another-value"
    ),
    pytest.param(
        taint_toleration.filter,
        tolerates(key="gpu", operator="Exists"),
        NOWHERE,
        WITH_TAINT,
        None,
        id="tolerated-whatever-its-value",
    ),
    pytest.param(
        taint_toleration.filter, tolerates(operator="Exists"), NOWHERE, WITH_TAINT, None, id="tolerates-everything"
    ),
    pytest.param(
        taint_toleration.filter,
        tolerates(key="gpu", operator="Exists", effect="NoExecute"),
        NOWHERE,
        WITH_TAINT,
        TAINTED,
        id="another-effect",
    ),
    pytest.param(cluster_affinity.filter, {}, NOWHERE, {}, None, id="no-affinity-means-all"),
    pytest.param(cluster_affinity.filter, affinity(clusterNames=["m1"]), NOWHERE, {}, None, id="named"),
    pytest.param(
        cluster_affinity.filter, affinity(clusterNames=["m2"]), THERE, {}, NOT_MEANT, id="not-named-though-present"
    ),
    pytest.param(
        cluster_affinity.filter,
        affinity(exclude=["m1"], clusterNames=["m1"]),
        NOWHERE,
        {},
        NOT_MEANT,
        id="exclude-outranks",
    ),
    pytest.param(
        cluster_affinity.filter,
        affinity(labelSelector={"matchLabels": {"area": "eu"}}),
        NOWHERE,
        IN_EU,
        None,
        id="labelled",
    ),
    pytest.param(
        cluster_affinity.filter,
        affinity(labelSelector={"matchLabels": {"area": "us"}}),
        NOWHERE,
        IN_EU,
        NOT_MEANT,
        id="labelled-otherwise",
    ),
    pytest.param(cluster_affinity.filter, by_field("region", "In", "eu"), NOWHERE, IN_EU, None, id="in-the-region"),
    pytest.param(
        cluster_affinity.filter, by_field("region", "In", "eu"), NOWHERE, {}, NOT_MEANT, id="without-a-region-in-none"
    ),
    pytest.param(
        cluster_affinity.filter,
        by_field("provider", "NotIn", "acme"),
        NOWHERE,
        {},
        None,
        id="without-a-provider-not-in-any",
    ),
    pytest.param(
        cluster_affinity.filter, by_field("zone", "In", "eu-2", "x"), NOWHERE, IN_EU, None, id="one-zone-of-it-will-do"
    ),
    pytest.param(
        cluster_affinity.filter,
        by_field("zone", "NotIn", "eu-2"),
        NOWHERE,
        IN_EU,
        NOT_MEANT,
        id="one-zone-of-it-is-too-many",
    ),
    pytest.param(
        cluster_affinity.filter,
        {"clusterAffinities": [term("a", "m2"), term("b", "m1")]},
        NOWHERE,
        {},
        NOT_MEANT,
        id="only-the-group-in-force",
    ),
    pytest.param(
        cluster_affinity.filter,
        {"clusterAffinities": [term("a", "m2"), term("b", "m1")]},
        {"term": 1},
        {},
        None,
        id="the-second-group-in-its-turn",
    ),
    pytest.param(
        cluster_affinity.filter,
        {"clusterAffinities": [term("a", "m2", **OVERFLOW)]},
        {"replicas": 1},
        {},
        None,
        id="a-workload-may-overflow",
    ),
    pytest.param(
        cluster_affinity.filter,
        {"clusterAffinities": [term("a", "m2", **OVERFLOW)]},
        NOWHERE,
        {},
        NOT_MEANT,
        id="others-may-not",
    ),
    pytest.param(
        cluster_anti_affinity.filter,
        {"clusterAntiAffinity": {"clusterNames": ["m1"]}},
        THERE,
        {},
        BANNED,
        id="banned-though-present",
    ),
    pytest.param(
        cluster_anti_affinity.filter,
        {"clusterAntiAffinity": {"clusterNames": ["m2"]}},
        NOWHERE,
        {},
        None,
        id="another-is-banned",
    ),
    pytest.param(
        cluster_anti_affinity.filter,
        {"clusterAntiAffinity": {"labelSelector": {"matchLabels": {"area": "eu"}}}},
        NOWHERE,
        IN_EU,
        BANNED,
        id="banned-by-label",
    ),
    pytest.param(
        cluster_anti_affinity.filter, {"clusterAntiAffinity": {}}, NOWHERE, {}, None, id="an-empty-ban-bans-nobody"
    ),
    pytest.param(cluster_eviction.filter, {}, {"evicting": frozenset({"m1"})}, {}, LEAVING, id="being-evicted"),
    pytest.param(cluster_eviction.filter, {}, {"evicting": frozenset({"m2"})}, {}, None, id="another-is-being-evicted"),
    pytest.param(
        spread_constraint.filter,
        spread("provider", "region", "zone", "cluster"),
        NOWHERE,
        IN_EU,
        None,
        id="has-all-it-is-spread-by",
    ),
    pytest.param(
        spread_constraint.filter,
        spread("provider"),
        THERE,
        {},
        "cluster(s) did not have provider property",
        id="no-provider",
    ),
    pytest.param(
        spread_constraint.filter,
        spread("region"),
        NOWHERE,
        {},
        "cluster(s) did not have region property",
        id="no-region",
    ),
    pytest.param(
        spread_constraint.filter, spread("zone"), NOWHERE, {}, "cluster(s) did not have zones property", id="no-zones"
    ),
    pytest.param(spread_constraint.filter, spread("cluster"), NOWHERE, {}, None, id="a-cluster-is-always-a-cluster"),
]


@pytest.mark.parametrize(("rule", "placement", "fields", "member", "why"), ROWS)
def test_filters(rule: Filter, placement: Obj, fields: dict[str, Any], member: dict[str, Any], why: str | None) -> None:
    assert rule(request(placement, **fields), cluster("m1", **member)) == why


@pytest.mark.parametrize(
    ("fields", "score"), [pytest.param(THERE, 100, id="stays"), pytest.param(NOWHERE, 0, id="comes")]
)
def test_locality_scores(fields: dict[str, Any], score: int) -> None:
    assert cluster_locality.score(request(**fields), cluster("m1")) == score


def test_affinity_scores_nothing() -> None:
    assert cluster_affinity.score(request(), cluster("m1")) == 0
