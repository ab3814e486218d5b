"""How many replicas each chosen cluster gets."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.objects import Obj
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.assign import Unschedulable, assign
from flotilla_hub.scheduler.request import Component
from tests.unit.hub.scheduler.samples import AGGREGATED, DYNAMIC, cluster, clusters, divided, request, rooms, weight

Shares = dict[str, int | None]


def shares(found: Any) -> Shares:
    return {target.name: target.replicas for target in found}


REQUIREMENTS = {"resourceRequest": {"cpu": "1"}}
THREE = clusters("m1", "m2", "m3")
PLAIN = [
    pytest.param({}, {"replicas": 0}, dict.fromkeys(("m1", "m2", "m3")), id="what-has-no-replicas-gets-none"),
    pytest.param(divided(), {"replicas": 0}, dict.fromkeys(("m1", "m2", "m3")), id="even-when-divided"),
    pytest.param(
        {},
        {"replicas": 4, "components": (Component("a", 1), Component("b", 2))},
        dict.fromkeys(("m1", "m2", "m3")),
        id="several-components-are-not-split",
    ),
    pytest.param({}, {"replicas": 4}, {"m1": 4, "m2": 4, "m3": 4}, id="duplicated-by-default"),
    pytest.param({}, {"replicas": 0, "requirements": REQUIREMENTS}, {}, id="a-workload-of-zero-goes-nowhere"),
    pytest.param(divided(), {"replicas": 7}, {"m1": 3, "m2": 2, "m3": 2}, id="divided-evenly-without-weights"),
    pytest.param(divided(), {"replicas": 2}, {"m1": 1, "m2": 1}, id="no-target-without-a-replica"),
    pytest.param({"replicaScheduling": {}}, {"replicas": 3}, {"m1": 1, "m2": 1, "m3": 1}, id="an-empty-struct-divides"),
    pytest.param(
        divided(staticWeightList=[weight(1, "m1"), weight(2, "m2")]),
        {"replicas": 9},
        {"m1": 3, "m2": 6},
        id="unnamed-get-none",
    ),
    pytest.param(
        divided(staticWeightList=[weight(1, "m1", "m2"), weight(3, "m2")]),
        {"replicas": 9},
        {"m1": 2, "m2": 7},
        id="the-highest-rule-counts",
    ),
    pytest.param(
        divided(staticWeightList=[weight(5, "elsewhere")]),
        {"replicas": 3},
        {"m1": 1, "m2": 1, "m3": 1},
        id="nobody-named-shares-evenly",
    ),
    pytest.param(
        divided(staticWeightList=[weight(1, "m1"), weight(1, "m2")]),
        {"replicas": 2, "previous": {"m1": 2}},
        {"m1": 1, "m2": 1},
        id="static-weights-forget-the-past",
    ),
]


@pytest.mark.parametrize(("placement", "fields", "wanted"), PLAIN)
def test_assigns(placement: Obj, fields: dict[str, Any], wanted: Shares) -> None:
    assert shares(assign(request(placement, **fields), THREE)) == wanted


PREVIOUS = {"m1": 2, "m2": 4, "m3": 6}
SCALED = [
    pytest.param(DYNAMIC, 6, PREVIOUS, {}, {"m1": 1, "m2": 2, "m3": 3}, id="down-by-what-each-holds"),
    pytest.param(
        DYNAMIC, 24, PREVIOUS, {"m1": 10, "m2": 10, "m3": 10}, {"m1": 6, "m2": 8, "m3": 10}, id="up-by-what-is-free"
    ),
    pytest.param(DYNAMIC, 12, PREVIOUS, {}, PREVIOUS, id="equal-stays-without-any-room"),
    pytest.param(DYNAMIC, 12, {"gone": 6, **PREVIOUS}, {}, PREVIOUS, id="an-unchosen-cluster-does-not-count"),
    pytest.param(DYNAMIC, 9, {}, {"m1": 18, "m2": 36, "m3": 0}, {"m1": 3, "m2": 6}, id="from-nothing-by-what-is-free"),
    pytest.param(AGGREGATED, 8, {"m1": 4, "m2": 8}, {}, {"m2": 8}, id="aggregated-down-to-the-fullest"),
    pytest.param(
        AGGREGATED,
        24,
        {"m1": 4, "m2": 8},
        {"m1": 4, "m2": 6, "m3": 8},
        {"m1": 7, "m2": 12, "m3": 5},
        id="aggregated-up-into-a-third",
    ),
    pytest.param(
        AGGREGATED,
        24,
        {"m1": 4, "m2": 8},
        {"m1": 6, "m2": 6, "m3": 20},
        {"m1": 10, "m2": 14},
        id="aggregated-up-where-it-is",
    ),
    pytest.param(
        AGGREGATED, 5, {}, {"m1": 4, "m2": 6, "m3": 8}, {"m3": 5}, id="aggregated-from-nothing-in-the-roomiest"
    ),
]


@pytest.mark.parametrize(("placement", "replicas", "previous", "free", "wanted"), SCALED)
def test_scales(placement: Obj, replicas: int, previous: dict[str, int], free: dict[str, int], wanted: Shares) -> None:
    members = rooms(**{"m1": 0, "m2": 0, "m3": 0, **free})
    assert shares(assign(request(placement, replicas=replicas, previous=previous), members)) == wanted


def test_fresh_divides_all_by_what_is_free_and_held() -> None:
    asked = request(DYNAMIC, replicas=12, previous={"m1": 12}, fresh=True)
    assert shares(assign(asked, rooms(m1=0, m2=12))) == {"m1": 6, "m2": 6}


def test_fresh_and_aggregated_it_is_packed_first_where_it_is() -> None:
    asked = request(AGGREGATED, replicas=12, previous={"m1": 2, "m2": 10}, fresh=True)
    assert shares(assign(asked, rooms(m1=0, m2=2, m3=90))) == {"m2": 12}


UNTOLD = [
    pytest.param(cluster("m1", free={}), id="a-cluster-that-reports-nothing"),
    pytest.param(cluster("m1", free={"pods": 0, "cpu": 9000}), id="one-without-pods-left"),
    pytest.param(cluster("m1", free={"pods": -3, "cpu": 9000}), id="one-with-too-many-pods"),
    pytest.param(cluster("m1", free={"pods": 9}), id="one-that-does-not-tell-of-what-is-asked"),
]


@pytest.mark.parametrize("member", UNTOLD)
def test_there_is_no_room_in(member: Cluster) -> None:
    with pytest.raises(Unschedulable, match="replicas 0 are"):
        assign(request(DYNAMIC, replicas=1, requirements={"resourceRequest": {"cpu": "1"}}), [member])


@pytest.mark.parametrize("placement", [DYNAMIC, AGGREGATED])
def test_too_little_room_is_said_so(placement: Obj) -> None:
    with pytest.raises(Unschedulable, match=r"^Clusters available replicas 5 are not enough to schedule\.$"):
        assign(request(placement, replicas=6), rooms(m1=2, m2=3))


ESTIMATES = [
    pytest.param({}, {"m1": 4}, id="by-the-scarcest-resource"),
    pytest.param({"m1": 2}, {"m1": 2}, id="an-agent-that-knows-better"),
    pytest.param({"m1": -1}, {"m1": 4}, id="an-agent-without-an-answer"),
    pytest.param({"m1": 99}, {"m1": 4}, id="an-agent-that-promises-too-much"),
]


@pytest.mark.parametrize(("estimates", "most"), ESTIMATES)
def test_room_is_estimated(estimates: dict[str, int], most: dict[str, int]) -> None:
    requirements = {"resourceRequest": {"cpu": "500m", "memory": "1Gi"}}
    members = clusters("m1", free={"pods": 10, "cpu": 2900, "memory": 4 * 2**30})
    fits = request(DYNAMIC, replicas=most["m1"], requirements=requirements, estimates=estimates)
    assert shares(assign(fits, members)) == most
    with pytest.raises(Unschedulable):
        assign(request(DYNAMIC, replicas=most["m1"] + 1, requirements=requirements, estimates=estimates), members)


OVERFLOWING = {
    **AGGREGATED,
    "clusterAffinities": [
        {
            "affinityName": "own",
            "clusterNames": ["own1", "own2"],
            "overflowAffinities": [{"affinityName": "cloud", "affinity": {"clusterNames": ["cloud"]}}],
        }
    ],
}


@pytest.mark.parametrize(
    ("replicas", "wanted"),
    [
        pytest.param(4, {"own1": 4}, id="the-first-tier-holds-all"),
        pytest.param(12, {"own1": 5, "own2": 5, "cloud": 2}, id="the-rest-flows-over"),
    ],
)
def test_overflows(replicas: int, wanted: Shares) -> None:
    members = rooms(own1=5, own2=5, cloud=90)
    assert shares(assign(request(OVERFLOWING, replicas=replicas), members)) == wanted


def test_overflow_has_an_end_too() -> None:
    with pytest.raises(Unschedulable, match="replicas 12 are"):
        assign(request(OVERFLOWING, replicas=13), rooms(own1=5, own2=5, cloud=2))


free = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 50), min_size=1)
held = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 50))


@given(st.integers(1, 200), free, held, st.sampled_from([DYNAMIC, AGGREGATED]), st.booleans())
def test_all_replicas_are_placed_or_none(
    replicas: int, free: dict[str, int], held: dict[str, int], how: Obj, fresh: bool
) -> None:
    asked = request(how, replicas=replicas, previous=held, fresh=fresh)
    try:
        found = shares(assign(asked, rooms(**free)))
    except Unschedulable:
        return
    assert sum(v or 0 for v in found.values()) == replicas
    assert all(v is not None and v > 0 for v in found.values())


@given(st.integers(1, 200), free, held)
def test_growing_takes_nothing_away(replicas: int, free: dict[str, int], held: dict[str, int]) -> None:
    members = rooms(**free)
    before = {name: count for name, count in held.items() if name in free}
    try:
        found = shares(assign(request(DYNAMIC, replicas=sum(before.values()) + replicas, previous=before), members))
    except Unschedulable:
        return
    assert all((found.get(name) or 0) >= count for name, count in before.items())
