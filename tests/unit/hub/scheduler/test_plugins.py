"""The other filters' verdicts in upstream's words, and the one score that counts."""

from typing import Any

import pytest

from flotilla_common.objects import GVK, Obj
from flotilla_hub.model.cluster import Taint
from flotilla_hub.scheduler.plugins import (
    api_enablement,
    cluster_eviction,
    cluster_locality,
    spread_constraint,
    taint_toleration,
)
from tests.unit.hub.scheduler.samples import DEPLOYMENT, TAINT, cluster, request

NO_API = "cluster(s) did not have the API resource"
APIS = [
    pytest.param({DEPLOYMENT}, {}, None, id="served"),
    pytest.param(set(), {}, NO_API, id="not-served"),
    pytest.param({GVK("apps", "v1beta1", "Deployment")}, {}, NO_API, id="another-version-is-another-api"),
    pytest.param(set(), {"m1": 1}, None, id="a-present-target-is-believed"),
]


@pytest.mark.parametrize(("apis", "previous", "why"), APIS)
def test_api_enablement(apis: set[GVK], previous: dict[str, int], why: str | None) -> None:
    assert api_enablement.filter(request(previous=previous), cluster("m1", apis=frozenset(apis))) == why


UNTOLERATED = "cluster(s) had untolerated taint {gpu=yes:NoSchedule}"
BARE = Taint("cordon", "", "NoExecute")
TAINTS = [
    pytest.param({}, TAINT, UNTOLERATED, id="not-tolerated"),
    pytest.param({}, BARE, "cluster(s) had untolerated taint {cordon:NoExecute}", id="a-taint-without-value"),
    pytest.param({}, Taint("x", "", "PreferNoSchedule"), None, id="a-preference-keeps-nobody-out"),
    pytest.param({"key": "gpu", "value": "yes"}, TAINT, None, id="tolerated-by-value"),
    pytest.param({"key": "gpu", "value": "no"}, TAINT, UNTOLERATED, id="another-value"),
    pytest.param({"key": "cpu", "value": "yes"}, TAINT, UNTOLERATED, id="another-key"),
    pytest.param({"key": "gpu", "operator": "Exists"}, TAINT, None, id="tolerated-whatever-its-value"),
    pytest.param({"operator": "Exists"}, TAINT, None, id="tolerates-everything"),
    pytest.param({"operator": "Equal"}, TAINT, UNTOLERATED, id="equal-to-nothing"),
    pytest.param({"operator": "Exists", "effect": "NoExecute"}, TAINT, UNTOLERATED, id="another-effect"),
]


@pytest.mark.parametrize(("toleration", "taint", "why"), TAINTS)
def test_taint_toleration(toleration: Obj, taint: Taint, why: str | None) -> None:
    placement = {"clusterTolerations": [toleration]} if toleration else {}
    assert taint_toleration.filter(request(placement), cluster("m1", taints=(taint,))) == why


def test_a_cluster_that_is_not_ready_is_only_kept_out_by_its_taint() -> None:
    taint = Taint("cluster.karmada.io/not-ready", "", "NoSchedule")
    down = cluster("m1", ready="False", taints=(taint,))
    tolerant = request({"clusterTolerations": [{"key": taint.key, "operator": "Exists"}]})
    verdicts = [taint_toleration.filter(asked, down) for asked in (request(), tolerant)]
    assert verdicts == ["cluster(s) had untolerated taint {cluster.karmada.io/not-ready:NoSchedule}", None]


def test_a_taint_evicts_nobody() -> None:
    assert taint_toleration.filter(request(previous={"m1": 1}), cluster("m1", taints=(TAINT,))) is None


EVICTIONS = [
    pytest.param({"m1"}, "cluster(s) is in the process of eviction", id="from-here"),
    pytest.param({"m2"}, None, id="from-elsewhere"),
]


@pytest.mark.parametrize(("evicting", "why"), EVICTIONS)
def test_cluster_eviction(evicting: set[str], why: str | None) -> None:
    assert cluster_eviction.filter(request(evicting=frozenset(evicting)), cluster("m1")) == why


LOCATED = {"region": "eu", "zones": ("eu-1",), "provider": "acme"}
SPREADS = [
    pytest.param(["provider", "region", "zone"], LOCATED, None, id="it-has-them-all"),
    pytest.param(["provider"], {}, "cluster(s) did not have provider property", id="no-provider"),
    pytest.param(["cluster", "region"], {}, "cluster(s) did not have region property", id="no-region"),
    pytest.param(["zone"], {}, "cluster(s) did not have zones property", id="no-zones"),
    pytest.param(["cluster"], {}, None, id="a-cluster-is-always-a-cluster"),
    pytest.param([], {}, None, id="not-spread"),
]


@pytest.mark.parametrize(("fields", "member", "why"), SPREADS)
def test_spread_constraint(fields: list[str], member: dict[str, Any], why: str | None) -> None:
    placement = {"spreadConstraints": [{"spreadByField": field} for field in fields]}
    assert spread_constraint.filter(request(placement), cluster("m1", **member)) == why


SCORES = [pytest.param({"m1": 1}, 100, id="it-is-there"), pytest.param({}, 0, id="it-would-come")]


@pytest.mark.parametrize(("previous", "score"), SCORES)
def test_cluster_locality(previous: dict[str, int], score: int) -> None:
    assert cluster_locality.score(request(previous=previous), cluster("m1")) == score
