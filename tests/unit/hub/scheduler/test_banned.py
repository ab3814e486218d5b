"""`clusterAntiAffinity` holds at every moment: for what is placed already, and when there is nowhere else to go."""

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.outcome import schedule
from tests.unit.hub.scheduler.samples import DYNAMIC, NOW, cluster, divided, result, rooms, scheduled

BY_LABEL = {"clusterAntiAffinity": {"labelSelector": {"matchLabels": {"env": "prod"}}}}
TURNED = [cluster("m1", 9, labels={"env": "prod"}), cluster("m2", 9), cluster("m3", 9)]
"""The fleet after m1 became one of the banned."""

LATER_BANS = [
    pytest.param(BY_LABEL, TURNED, {"m2": 3, "m3": 3}, id="a-duplicated-workload-leaves"),
    pytest.param({**BY_LABEL, **divided()}, TURNED, {"m2": 2, "m3": 1}, id="a-divided-one-too"),
    pytest.param({**BY_LABEL, **DYNAMIC}, TURNED, {"m2": 2, "m3": 1}, id="and-one-divided-by-room"),
    pytest.param(
        {**BY_LABEL, **DYNAMIC}, [TURNED[0], *rooms(m2=0, m3=0)], {"m2": 1, "m3": 1}, id="also-when-there-is-no-room"
    ),
    pytest.param({**BY_LABEL, **DYNAMIC}, TURNED[:1], {}, id="also-when-there-is-no-other"),
]


@pytest.mark.parametrize(("placement", "clusters", "expected"), LATER_BANS)
def test_a_cluster_that_is_banned_later_is_left(placement: Obj, clusters: list[Cluster], expected: Obj) -> None:
    before = scheduled(placement, rooms(m1=9, m2=9, m3=9))
    assert "m1" in result(before)
    after = schedule(before, clusters, NOW)
    assert result(after) == expected
    assert after is not None
    assert schedule(after, clusters, NOW) in (None, after)
