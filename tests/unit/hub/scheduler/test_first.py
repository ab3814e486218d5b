"""Which new bindings get their place with their creation, and that it is the one the scheduler would give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.objects import Obj
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.first import placed_at_once
from flotilla_hub.scheduler.outcome import schedule
from flotilla_hub.scheduler.profile import Profile
from flotilla_hub.scheduler.snapshot import Snapshot
from tests.unit.hub.scheduler.samples import (
    AGGREGATED,
    DYNAMIC,
    EVEN,
    FLEET,
    LATER,
    NAMED,
    NOW,
    binding,
    cluster,
    result,
)

BY_CLUSTER = {"spreadConstraints": [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 2}]}
COPIES = {"m1": 3, "m2": 3, "m3": 3}
FRESH = [
    pytest.param(binding(), COPIES, id="copies"),
    pytest.param(binding(EVEN), {"m1": 2, "m2": 1}, id="even-shares"),
    pytest.param(binding(kind="ConfigMap", replicas=0), dict.fromkeys(COPIES), id="what-counts-no-replicas"),
    pytest.param(binding(BY_CLUSTER, kind="ConfigMap", replicas=0), {"m1": None, "m2": None}, id="spread-without-room"),
    pytest.param(binding(DYNAMIC), None, id="room-has-to-be-asked-for"),
    pytest.param(binding(AGGREGATED), None, id="so-it-has-for-aggregation"),
    pytest.param(binding(BY_CLUSTER), None, id="and-to-choose-among-clusters"),
    pytest.param(binding({"clusterAffinity": {"clusterNames": ["m9"]}}), None, id="no-place-now"),
    pytest.param(binding({"schedulerStrategy": {"type": "Failover"}}), None, id="a-strategy-with-a-clock"),
    pytest.param(binding(workloadAffinityGroups={"affinityGroup": "a"}), None, id="others-of-its-group-count"),
    pytest.param(binding(schedulerName="theirs"), None, id="another-scheduler-has-it"),
    pytest.param(binding(suspension={"scheduling": True}), None, id="suspended"),
    pytest.param(binding({"clusterAffinity": {"clusterNames": 1}}), None, id="nobody-can-read-it"),
]


@pytest.mark.parametrize(("fresh", "wanted"), FRESH)
def test_a_new_binding_gets_its_place(fresh: Obj, wanted: dict[str, int | None] | None) -> None:
    placed = placed_at_once(fresh, Snapshot(FLEET), NOW)
    assert (result(placed) if placed else None) == wanted


def test_a_profile_that_says_another_name_leaves_it_alone() -> None:
    assert placed_at_once(binding(), Snapshot(FLEET), NOW, Profile(scheduler_name="mine")) is None


@given(
    placement=st.sampled_from([{}, NAMED, EVEN, DYNAMIC, AGGREGATED, BY_CLUSTER]),
    replicas=st.integers(0, 4),
    names=st.sets(st.sampled_from(["m1", "m2", "m3", "m4"])),
)
def test_it_is_what_the_scheduler_would_say_and_it_stands(placement: Obj, replicas: int, names: set[str]) -> None:
    fresh, fleet = binding(placement, replicas=replicas), _fleet(names)
    placed = placed_at_once(fresh, Snapshot(fleet), NOW)
    if placed is not None:
        assert placed == schedule(fresh, fleet, NOW)
        assert schedule(placed, fleet, LATER) is None


def _fleet(names: set[str]) -> list[Cluster]:
    return [cluster(name, 9) for name in sorted(names)]
