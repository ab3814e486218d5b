"""Who serves under Failover: the first of the user's order that is well, and when it is left and returned to."""

import pytest

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.model.cluster import Cluster, Taint
from flotilla_hub.scheduler.outcome import schedule
from tests.unit.hub.scheduler.samples import NOW, binding, cluster, divided, result
from tests.unit.hub.strategies.failing import (
    AGO_20,
    AGO_60,
    DRAINED,
    FLEET,
    ORDER,
    lost,
    of_fleet,
    ready,
    serving,
    strategy,
    unready,
)

FIRST_CHOICES = [
    pytest.param({}, FLEET, "primary", id="the-first-the-user-named-serves-alone-with-all-replicas"),
    pytest.param({}, of_fleet(lost("primary")), "secondary", id="one-that-is-not-ready-is-passed-over"),
    pytest.param({}, of_fleet(cluster("primary", ready="False")), "secondary", id="also-when-its-taint-is-late"),
    pytest.param(
        {"clusterAffinity": {"labelSelector": {}}},
        FLEET,
        "primary",
        id="without-names-the-order-is-by-name",
    ),
    pytest.param(
        {
            "clusterAffinity": None,
            "clusterAffinities": [
                {"affinityName": "a", "clusterNames": ["third"]},
                {"affinityName": "b", "clusterNames": ["primary"]},
            ],
        },
        FLEET,
        "third",
        id="groups-come-in-their-order",
    ),
    pytest.param(
        {"clusterAntiAffinity": {"clusterNames": ["primary"]}}, FLEET, "secondary", id="never-where-it-is-banned"
    ),
    pytest.param(divided(), FLEET, "primary", id="replicas-are-not-divided"),
]


@pytest.mark.parametrize(("placement", "clusters", "expected"), FIRST_CHOICES)
def test_who_serves_first(placement: Obj, clusters: list[Cluster], expected: str) -> None:
    wanted = {key: value for key, value in {**ORDER, **strategy(), **placement}.items() if value}
    assert result(schedule(binding(wanted), clusters, NOW)) == {expected: 3}


MOVES = [
    pytest.param(serving("primary"), FLEET, "primary", id="who-is-well-goes-on-serving"),
    pytest.param(serving("primary"), of_fleet(lost("primary")), "secondary", id="the-next-takes-over-at-once"),
    pytest.param(serving("primary"), of_fleet(lost("primary"), lost("secondary")), "third", id="the-next-that-is-well"),
    pytest.param(
        serving("primary"), of_fleet(unready("primary", AGO_20)), "primary", id="one-that-says-so-has-the-hubs-grace"
    ),
    pytest.param(serving("primary"), of_fleet(unready("primary", AGO_60)), "secondary", id="and-no-more"),
    pytest.param(
        serving("primary", tolerationSeconds=0),
        of_fleet(unready("primary", AGO_20)),
        "secondary",
        id="unless-the-user-gives-it-none",
    ),
    pytest.param(
        serving("primary", tolerationSeconds=61), of_fleet(lost("primary")), "primary", id="not-within-the-toleration"
    ),
    pytest.param(
        serving("primary", tolerationSeconds=60), of_fleet(lost("primary")), "secondary", id="once-it-has-passed"
    ),
    pytest.param(
        serving("primary"), of_fleet(ready("primary", taints=(DRAINED,))), "secondary", id="a-NoExecute-taint-moves-it"
    ),
    pytest.param(
        serving("primary"),
        of_fleet(ready("primary", taints=(Taint("a", "", "NoSchedule"),))),
        "primary",
        id="a-NoSchedule-taint-does-not",
    ),
    pytest.param(
        serving("primary", {"clusterTolerations": [{"operator": "Exists"}]}),
        of_fleet(ready("primary", taints=(DRAINED,))),
        "primary",
        id="nor-a-taint-it-tolerates",
    ),
    pytest.param(serving("primary"), FLEET[:2], "secondary", id="a-cluster-that-is-no-more-is-replaced"),
    pytest.param(
        serving("primary"), of_fleet(ready("primary", terminating=True)), "secondary", id="and-one-that-is-leaving"
    ),
    pytest.param(
        serving("primary"),
        [lost("primary"), lost("secondary"), lost("third")],
        "primary",
        id="with-no-other-to-take-over-it-stays",
    ),
    pytest.param(serving("secondary"), FLEET, "secondary", id="it-does-not-go-back-by-itself"),
    pytest.param(serving("secondary", returnToPreferred=True), FLEET, "primary", id="it-goes-back-where-asked-to"),
    pytest.param(
        serving("secondary", returnToPreferred=True, returnDelaySeconds=61),
        of_fleet(ready("primary", since=AGO_60)),
        "secondary",
        id="not-before-the-preferred-has-been-well-for-the-delay",
    ),
    pytest.param(
        serving("third", returnToPreferred=True), of_fleet(lost("primary")), "secondary", id="to-the-best-that-is-well"
    ),
    pytest.param(
        serving("secondary", returnToPreferred=True),
        of_fleet(ready("primary", taints=(Taint("a", "", "NoSchedule"),))),
        "secondary",
        id="not-to-one-that-takes-nothing-new",
    ),
    pytest.param(serving("primary", health="Unhealthy"), FLEET, "primary", id="the-workloads-health-does-not-count"),
    pytest.param(
        serving("primary", {"clusterAffinity": {"clusterNames": ["third"]}}), FLEET, "third", id="the-order-was-changed"
    ),
]


@pytest.mark.parametrize(("before", "clusters", "expected"), MOVES)
def test_who_serves_then(before: Obj, clusters: list[Cluster], expected: str) -> None:
    kept = copy_of(before)
    after = schedule(before, clusters, NOW)
    assert result(after) == {expected: 3}
    assert before == kept
    assert after is not None
    assert schedule(after, clusters, NOW) is None
