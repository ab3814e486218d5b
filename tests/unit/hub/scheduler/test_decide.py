"""One request over one snapshot: the result, and a reason for each cluster that is not in it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.objects import Obj
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.decide import Decision, Failure, Target, decide, decide_terms
from flotilla_hub.scheduler.plugins import FILTERS
from flotilla_hub.scheduler.snapshot import Snapshot
from tests.unit.hub.scheduler.samples import CONFIG_MAP, DYNAMIC, TAINT, cluster, clusters, divided, request, rooms

NAMED = {"clusterAffinity": {"clusterNames": ["m1", "m2"]}}
NOT_MEANT = "cluster(s) did not match the placement cluster affinity constraint"
TAINTED = "cluster(s) had untolerated taint {gpu=yes:NoSchedule}"
TWO = Decision((Target("m1", 3), Target("m2", 3)))
FLEET = clusters("m1", "m2", "m3")

RESULTS = [
    pytest.param({}, {}, FLEET, Decision((Target("m1", 3), Target("m2", 3), Target("m3", 3))), id="everywhere"),
    pytest.param(NAMED, {}, FLEET, Decision(TWO.targets, {"m3": NOT_MEANT}), id="where-it-is-meant"),
    pytest.param(divided(), {}, FLEET[:2], Decision((Target("m1", 2), Target("m2", 1))), id="divided"),
    pytest.param({}, {"gvk": CONFIG_MAP, "replicas": 0}, FLEET[:1], Decision((Target("m1"),)), id="without-replicas"),
    pytest.param(
        {}, {}, [*FLEET[:2], cluster("m3", terminating=True)], TWO, id="a-leaving-cluster-is-not-even-mentioned"
    ),
    pytest.param(
        {},
        {"previous": {"m3": 3}},
        [*FLEET[:2], cluster("m3", taints=(TAINT,))],
        Decision((*TWO.targets, Target("m3", 3))),
        id="present-targets-are-excused",
    ),
    pytest.param(
        {},
        {"evicting": frozenset({"m3"})},
        FLEET,
        Decision(TWO.targets, {"m3": "cluster(s) is in the process of eviction"}),
        id="evicted-ones-are-not",
    ),
    pytest.param(
        {},
        {},
        [cluster("m1", taints=(TAINT,)), cluster("m2", apis=frozenset()), cluster("m3", taints=(TAINT,))],
        Decision(
            rejected={"m1": TAINTED, "m2": "cluster(s) did not have the API resource", "m3": TAINTED},
            failure=Failure(
                "NoClusterFit", f"0/3 clusters are available: 1 cluster(s) did not have the API resource, 2 {TAINTED}."
            ),
        ),
        id="nobody-fits",
    ),
    pytest.param(
        {},
        {},
        [],
        Decision(failure=Failure("NoClusterFit", "0/0 clusters are available: no cluster exists.")),
        id="nobody-exists",
    ),
    pytest.param(
        DYNAMIC,
        {},
        rooms(m1=1),
        Decision(failure=Failure("Unschedulable", "Clusters available replicas 1 are not enough to schedule.")),
        id="too-little-room",
    ),
    pytest.param(
        {"spreadConstraints": [{"spreadByField": "provider"}]},
        {},
        [cluster("m1", provider="p")],
        Decision(failure=Failure("SchedulerError", "just support cluster and region spread constraint")),
        id="a-wish-we-cannot-grant",
    ),
]


@pytest.mark.parametrize(("placement", "fields", "members", "decision"), RESULTS)
def test_decides(placement: Obj, fields: dict[str, Any], members: list[Cluster], decision: Decision) -> None:
    assert decide(request(placement, **{"replicas": 3, **fields}), members) == decision


def test_the_rarest_reason_is_told_first() -> None:
    members = [*clusters("m1", "m3", "m4"), cluster("m2", taints=(TAINT,)), cluster("m5")]
    decision = decide(request({"clusterAffinity": {"clusterNames": ["m2", "m5"]}}), members)
    assert list(decision.rejected) == ["m2", "m1", "m3", "m4"]


GROUPS = {
    "clusterAffinities": [
        {"affinityName": "home", "clusterNames": ["m1"]},
        {"affinityName": "away", "clusterNames": ["m2"]},
        {"affinityName": "far", "clusterNames": ["m3"]},
    ]
}
TERMS = [
    pytest.param(0, [], "home", id="the-first-group"),
    pytest.param(0, ["m1"], "away", id="the-next-when-the-first-does-not-fit"),
    pytest.param(1, [], "away", id="never-back"),
    pytest.param(0, ["m1", "m2"], "far", id="the-last"),
]


@pytest.mark.parametrize(("first", "tainted", "name"), TERMS)
def test_groups_are_tried_in_order(first: int, tainted: list[str], name: str) -> None:
    members = [cluster(n, taints=(TAINT,) if n in tainted else ()) for n in ("m1", "m2", "m3")]
    assert decide_terms(request(GROUPS), members, first).affinity_name == name


def test_when_no_group_fits_the_first_failure_counts() -> None:
    failed = decide_terms(request(GROUPS), [cluster("m1", taints=(TAINT,))], 0).failure
    assert failed == Failure("NoClusterFit", f"0/1 clusters are available: 1 {TAINTED}.")


names = st.sampled_from(["m1", "m2", "m3", "m4"])
members = st.lists(
    st.builds(
        cluster,
        names,
        taints=st.sampled_from([(), (TAINT,)]),
        apis=st.sampled_from([frozenset(), frozenset({request().gvk})]),
        terminating=st.booleans(),
    ),
    unique_by=lambda c: c.name,
)
placements = st.sampled_from(
    [{}, NAMED, {"clusterAntiAffinity": {"clusterNames": ["m1"]}}, {"clusterTolerations": [{"operator": "Exists"}]}]
)


@given(placements, members, st.dictionaries(names, st.integers(0, 3)), st.frozensets(names))
def test_what_is_remembered_is_what_would_be_judged(
    placement: Obj, members: list[Cluster], previous: dict[str, int], evicting: frozenset[str]
) -> None:
    snapshot = Snapshot(members)
    snapshot.verdict(request(placement), FILTERS)
    asked = request(placement, previous=previous, evicting=evicting)
    judged = {
        c.name: next((why for rule in FILTERS if (why := rule(asked, c))), None) for c in members if not c.terminating
    }
    fitting, rejected = snapshot.verdict(asked, FILTERS)
    assert dict(rejected) == {name: why for name, why in judged.items() if why}
    assert [c.name for c in fitting] == sorted(name for name, why in judged.items() if why is None)


def test_a_snapshot_forgets_rather_than_grow_for_ever() -> None:
    snapshot = Snapshot(FLEET)
    for i in range(2000):
        decide(request({"clusterAffinity": {"clusterNames": ["m1", f"x{i}"]}}), snapshot)
    assert (len(snapshot.lasting), len(snapshot.fleeting)) <= (256, 256)
