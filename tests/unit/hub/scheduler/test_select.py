"""Spreading over clusters and regions."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.decide import decide
from flotilla_hub.scheduler.regions import _weight
from flotilla_hub.scheduler.select import Candidate, Groups, is_spread
from tests.unit.hub.scheduler.samples import AGGREGATED, DYNAMIC, cluster, divided, request, rooms, weight


def spread(**constraints: tuple[int, int]) -> Obj:
    """`cluster=(min, max)`; zero stands for absent."""
    named = {
        field: {"spreadByField": field, "minGroups": least, "maxGroups": most}
        for field, (least, most) in constraints.items()
    }
    return {"spreadConstraints": [{k: v for k, v in constraint.items() if v} for constraint in named.values()]}


def chosen(placement: Obj, clusters: list[Cluster], **fields: Any) -> list[str] | str:
    decision = decide(request(placement, **{"replicas": 6, **fields}), clusters)
    return decision.failure.message if decision.failure else [target.name for target in decision.targets]


EMPTY_WEIGHTS = {
    "replicaSchedulingType": "Divided",
    "replicaDivisionPreference": "Weighted",
    "weightPreference": {},
}
FIVE = rooms(a=10, b=20, c=30, d=5, e=5)
TOO_FEW = "the number of feasible clusters is less than spreadConstraint.MinGroups"
BY_CLUSTER = [
    pytest.param(spread(cluster=(1, 2)), {}, ["b", "c"], id="the-roomiest"),
    pytest.param(spread(cluster=(1, 2)), {"previous": {"d": 1}}, ["c", "d"], id="but-first-where-it-is"),
    pytest.param(spread(cluster=(2, 0)), {}, ["a", "b", "c", "d", "e"], id="no-maximum-is-no-limit"),
    pytest.param(spread(cluster=(6, 6)), {}, TOO_FEW, id="too-few-clusters"),
    pytest.param({**spread(cluster=(1, 2)), **DYNAMIC}, {"replicas": 45}, ["b", "c"], id="enough-room-in-the-first"),
    pytest.param(
        {**spread(cluster=(1, 2)), **DYNAMIC},
        {"replicas": 51, "previous": {"d": 1, "e": 1}},
        "no enough resource when selecting 2 clusters",
        id="swapping-the-last-first-may-not-be-enough",
    ),
    pytest.param(
        {**spread(cluster=(1, 2)), **AGGREGATED},
        {"replicas": 30, "previous": {"d": 1, "e": 1}},
        ["c", "d"],
        id="the-last-makes-way-for-the-roomiest",
    ),
    pytest.param(
        {**spread(cluster=(1, 1)), **divided()}, {}, ["a", "b", "c", "d", "e"], id="static-weights-overrule-spreading"
    ),
    pytest.param({**spread(cluster=(1, 2))}, {"replicas": 500}, ["b", "c"], id="copies-need-no-common-room"),
    pytest.param(
        {"spreadConstraints": [{}]}, {}, ["a", "b", "c", "d", "e"], id="a-constraint-on-nothing-is-on-clusters"
    ),
]


@pytest.mark.parametrize(("placement", "fields", "names"), BY_CLUSTER)
def test_by_cluster(placement: Obj, fields: dict[str, Any], names: list[str] | str) -> None:
    assert chosen(placement, FIVE, **fields) == names


def test_by_zone_alone_is_not_supported() -> None:
    members = [cluster("a", zones=("z",))]
    assert chosen(spread(zone=(1, 1)), members) == "just support cluster and region spread constraint"


def test_by_a_label_is_not_supported_either() -> None:
    by_label = {"spreadConstraints": [{"spreadByLabel": "rack", "minGroups": 1}]}
    assert chosen(by_label, rooms(a=1)) == "just support cluster and region spread constraint"


IGNORED = [
    pytest.param({}, True, id="copies-are-spread"),
    pytest.param(divided(), False, id="equal-weights-are-static-ones"),
    pytest.param(divided(staticWeightList=[weight(1, "a")]), False, id="so-are-those-of-a-list"),
    pytest.param({**divided(), "replicaScheduling": {**EMPTY_WEIGHTS}}, True, id="an-empty-preference-is-none"),
    pytest.param(DYNAMIC, True, id="dynamic-weights-are-spread"),
    pytest.param(AGGREGATED, True, id="aggregated-is-spread"),
    pytest.param(divided(dynamicWeight="AvailableReplicas", staticWeightList=[]), True, id="dynamic-counts"),
]


@pytest.mark.parametrize(("how", "counts"), IGNORED)
def test_static_weights_overrule_spreading(how: Obj, counts: bool) -> None:
    assert is_spread(request({**spread(cluster=(1, 1)), **how}).placement) == counts


OVERFLOWING = {
    **spread(cluster=(1, 2)),
    **DYNAMIC,
    "clusterAffinities": [
        {
            "affinityName": "own",
            "clusterNames": ["d"],
            "overflowAffinities": [{"affinityName": "cloud", "affinity": {"clusterNames": ["a", "c"]}}],
        }
    ],
}


def test_the_cluster_to_begin_with_goes_before_roomier_ones_to_overflow_into() -> None:
    assert chosen(OVERFLOWING, FIVE, replicas=8) == ["c", "d"]


def placed(**regions: dict[str, int]) -> list[Cluster]:
    return [cluster(name, room, region=region) for region, found in regions.items() for name, room in found.items()]


THREE = placed(eu={"eu1": 10, "eu2": 9}, us={"us1": 10, "us2": 3}, ap={"ap1": 10})
NO_REGIONS = "the number of feasible region is less than spreadConstraint.MinGroups"
NO_CLUSTERS = "the number of clusters is less than the cluster spreadConstraint.MinGroups"
BY_REGION = [
    pytest.param(spread(region=(1, 1), cluster=(1, 1)), ["eu1"], id="the-region-with-most-copies"),
    pytest.param(spread(region=(2, 2), cluster=(2, 2)), ["eu1", "us1"], id="one-cluster-of-each"),
    pytest.param(spread(region=(2, 2), cluster=(3, 3)), ["eu1", "eu2", "us1"], id="then-the-best-of-the-rest"),
    pytest.param(
        spread(region=(2, 2), cluster=(4, 4)), ["eu1", "eu2", "us1", "us2"], id="regions-that-have-clusters-enough"
    ),
    pytest.param(spread(region=(3, 3), cluster=(3, 5)), ["ap1", "eu1", "eu2", "us1", "us2"], id="all-regions"),
    pytest.param(spread(region=(3, 3), cluster=(1, 2)), ["ap1", "eu1", "us1"], id="each-region-keeps-one"),
    pytest.param(spread(region=(4, 4), cluster=(4, 4)), NO_REGIONS, id="too-few-regions"),
    pytest.param(spread(region=(3, 3), cluster=(6, 6)), NO_CLUSTERS, id="too-few-clusters"),
    pytest.param(spread(region=(1, 2), cluster=(5, 5)), NO_CLUSTERS, id="too-few-clusters-in-so-few-regions"),
    pytest.param(
        {**spread(region=(2, 2), cluster=(2, 2)), **DYNAMIC}, ["eu1", "us1"], id="divided-by-what-they-hold-together"
    ),
]


@pytest.mark.parametrize(("placement", "names"), BY_REGION)
def test_by_region(placement: Obj, names: list[str] | str) -> None:
    assert chosen(placement, THREE) == names


def test_forty_regions_do_not_hold_up_the_scheduler() -> None:
    members = [cluster(f"c{i}", 10, region=f"r{i:02}") for i in range(40)]
    wanted = spread(region=(10, 10), cluster=(10, 10))
    assert len(chosen(wanted, members)) == 10
    assert chosen(spread(region=(10, 10), cluster=(11, 11)), members) == NO_CLUSTERS


def candidates(**found: tuple[int, int]) -> list[Candidate]:
    """By name: score and room."""
    return [Candidate(cluster(name), 0, score, room) for name, (score, room) in found.items()]


WEIGHTS = [
    pytest.param({}, 5, candidates(a=(0, 4), b=(0, 3)), 0, id="copies-no-cluster-holds-one"),
    pytest.param({}, 5, candidates(a=(100, 5), b=(0, 9), c=(100, 1)), 2050, id="copies-a-thousand-each"),
    pytest.param(DYNAMIC, 9, candidates(a=(0, 2), b=(100, 1)), 3050, id="shares-too-little-room-over-all"),
    pytest.param(DYNAMIC, 9, candidates(a=(100, 5), b=(0, 5), c=(0, 5)), 5050, id="shares-until-there-is-enough"),
    pytest.param(DYNAMIC, 8, candidates(a=(100, 9), b=(0, 9), c=(0, 9)), 4050, id="and-clusters-enough"),
]


@pytest.mark.parametrize(("how", "replicas", "found", "weight"), WEIGHTS)
def test_what_a_region_weighs(how: Obj, replicas: int, found: list[Candidate], weight: int) -> None:
    """Of two regions at least, with two clusters at least; shares are half of the replicas, rounded up."""
    assert _weight(request(how, replicas=replicas), found, Groups(2, 2), Groups(2, 9)) == weight


def test_a_path_that_is_enough_alone_goes_before_a_longer_one() -> None:
    """Its first region is the heavier one of both, and has clusters enough."""
    members = placed(big={"b1": 9, "b2": 9, "b3": 9}, small={"s1": 9})
    assert chosen(spread(region=(1, 2), cluster=(2, 3)), members, replicas=5) == ["b1", "b2", "b3"]
