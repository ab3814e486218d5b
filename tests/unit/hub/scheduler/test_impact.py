"""Which change of one cluster has bindings looked at again, and that no other change would have moved them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.objects import Obj
from flotilla_hub.model.cluster import Cluster, Taint
from flotilla_hub.model.policy import Placement
from flotilla_hub.scheduler.impact import PLAIN, Impact, impact, may_help
from flotilla_hub.scheduler.outcome import schedule
from flotilla_hub.scheduler.request import Request
from tests.unit.hub.scheduler.samples import (
    CONFIG_MAP,
    DEPLOYMENT,
    DYNAMIC,
    EVEN,
    LATER,
    NAMED,
    NOW,
    binding,
    cluster,
    divided,
    request,
    weight,
)

M1, TAINTED = cluster("m1"), cluster("m1", taints=(Taint("gpu", "yes", "NoSchedule"),))
BLUE = {"clusterAffinity": {"labelSelector": {"matchLabels": {"color": "blue"}}}}
PAINTED = cluster("m1", labels={"color": "blue"})
GROUPS = {"clusterAffinities": [{"affinityName": "a", **BLUE["clusterAffinity"]}, {"affinityName": "b"}]}
BY_REGION = {"spreadConstraints": [{"spreadByField": "region", "minGroups": 1, "maxGroups": 2}]}
BANNED = {"clusterAntiAffinity": BLUE["clusterAffinity"]}

NOBODY, TARGETS, OTHERS, ALL = Impact(False, False), Impact(True, False), Impact(False, True), Impact(True, True)

CHANGES = [
    pytest.param({}, {}, None, M1, ALL, id="one-that-fits-joins"),
    pytest.param({}, {}, M1, None, ALL, id="one-that-fits-leaves"),
    pytest.param({}, {}, M1, replace(M1, terminating=True), ALL, id="it-is-about-to-leave"),
    pytest.param({}, {}, M1, replace(M1, ready="False"), NOBODY, id="what-no-filter-reads"),
    pytest.param({}, {}, M1, cluster("m1", 9), NOBODY, id="free-resources-are-no-reason-to-move"),
    pytest.param({}, {}, M1, TAINTED, OTHERS, id="a-taint-drives-nobody-out-and-lets-nobody-in"),
    pytest.param({}, {}, TAINTED, M1, OTHERS, id="its-end-lets-others-in"),
    pytest.param({}, {}, M1, replace(M1, apis=frozenset()), OTHERS, id="a-target-is-believed-to-serve-the-kind"),
    pytest.param({}, {}, replace(M1, apis=frozenset()), M1, OTHERS, id="it-has-come-to-serve-the-kind"),
    pytest.param({}, {}, M1, replace(M1, apis=M1.apis - {CONFIG_MAP}), NOBODY, id="another-kind-is-gone"),
    pytest.param(NAMED, {}, None, cluster("m9"), NOBODY, id="one-that-is-not-meant-joins"),
    pytest.param(NAMED, {}, cluster("m9"), replace(TAINTED, name="m9"), NOBODY, id="one-that-is-not-meant-changes"),
    pytest.param(NAMED, {}, cluster("m9"), None, NOBODY, id="one-that-is-not-meant-leaves"),
    pytest.param(BLUE, {}, M1, PAINTED, ALL, id="it-is-meant-from-now-on"),
    pytest.param(BLUE, {}, PAINTED, M1, ALL, id="it-is-meant-no-more"),
    pytest.param(GROUPS, {}, M1, PAINTED, ALL, id="meant-by-one-of-the-groups"),
    pytest.param(BANNED, {}, M1, PAINTED, ALL, id="it-is-banned-from-now-on"),
    pytest.param(BY_REGION, {}, M1, replace(M1, region="north"), ALL, id="it-can-be-spread-to-now"),
    pytest.param(BY_REGION, {}, replace(M1, region="s"), replace(M1, region="n"), ALL, id="it-moves-to-another-group"),
    pytest.param(divided(), {"replicas": 3}, None, M1, NOBODY, id="a-divided-result-stands-when-one-joins"),
    pytest.param(divided(), {"replicas": 3}, M1, TAINTED, NOBODY, id="and-when-one-is-tainted"),
    pytest.param(divided(), {"replicas": 3}, M1, None, TARGETS, id="but-not-without-its-cluster"),
    pytest.param({**divided(), **BANNED}, {"replicas": 3}, M1, PAINTED, TARGETS, id="nor-where-it-must-never-be"),
]


HELP = [
    pytest.param(None, TAINTED, False, True, id="one-joins-so-there-are-more"),
    pytest.param(TAINTED, None, False, True, id="one-leaves-so-there-are-fewer"),
    pytest.param(TAINTED, M1, False, True, id="one-comes-to-fit"),
    pytest.param(M1, TAINTED, False, True, id="one-ceases-to-fit-so-the-reason-is-another"),
    pytest.param(cluster("m1", 1), cluster("m1", 9), True, True, id="one-that-fits-has-more-room"),
    pytest.param(cluster("m1", 1), cluster("m1", 9), False, False, id="room-is-not-what-is-missing"),
    pytest.param(cluster("m1", 9), cluster("m1", 1), True, False, id="less-room-helps-nobody"),
    pytest.param(replace(TAINTED, free={}), TAINTED, True, False, id="more-room-where-it-cannot-go"),
    pytest.param(M1, replace(M1, ready="False"), True, False, id="what-no-filter-reads"),
]


@pytest.mark.parametrize(("before", "after", "lacks_room", "wanted"), HELP)
def test_what_may_help_who_has_no_place(
    before: Cluster | None, after: Cluster | None, lacks_room: bool, wanted: bool
) -> None:
    assert may_help(request(DYNAMIC, replicas=3), before, after, lacks_room=lacks_room) == wanted


@pytest.mark.parametrize(("placement", "wish", "before", "after", "wanted"), CHANGES)
def test_whom_a_change_may_move(
    placement: Obj, wish: dict[str, Any], before: Cluster | None, after: Cluster | None, wanted: Impact
) -> None:
    assert impact(request(placement, **wish), before, after) == wanted


def test_a_new_field_of_a_placement_is_thought_of() -> None:
    """Either `impact` judges it, or bindings that use it are always looked at."""
    fields = {field.alias or name for name, field in Placement.model_fields.items()}
    assert {"schedulerStrategy"} == fields - PLAIN


NAMES = ("m1", "m2", "m3", "m4")
clusters = st.builds(
    Cluster,
    name=st.just(""),
    labels=st.sampled_from([{}, {"color": "blue"}, {"color": "red"}]),
    region=st.sampled_from(["", "north", "south"]),
    provider=st.sampled_from(["", "p"]),
    taints=st.sampled_from([(), (Taint("gpu", "yes", "NoSchedule"),), (Taint("a", "", "PreferNoSchedule"),)]),
    apis=st.sampled_from([frozenset({DEPLOYMENT, CONFIG_MAP}), frozenset({CONFIG_MAP})]),
    terminating=st.booleans(),
    free=st.sampled_from([{"pods": 5}, {"pods": 1}]),
)
fleets = st.dictionaries(st.sampled_from(NAMES), clusters, min_size=1).map(
    lambda found: {name: replace(one, name=name) for name, one in found.items()}
)
placements = st.sampled_from(
    [
        {},
        NAMED,
        BLUE,
        GROUPS,
        BANNED,
        BY_REGION,
        EVEN,
        DYNAMIC,
        {**DYNAMIC, **BANNED},
        {**BLUE, **divided(staticWeightList=[weight(1, "m1"), weight(2, "m2")])},
        {"clusterTolerations": [{"key": "gpu", "operator": "Exists"}]},
        {"spreadConstraints": [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 2}]},
    ]
)


@given(
    placement=placements,
    replicas=st.integers(0, 4),
    before=fleets,
    fleet=fleets,
    name=st.sampled_from(NAMES),
    change=st.none() | clusters,
)
def test_what_is_not_looked_at_would_not_have_moved(
    placement: Obj,
    replicas: int,
    before: dict[str, Cluster],
    fleet: dict[str, Cluster],
    name: str,
    change: Cluster | None,
) -> None:
    """However a binding came to its place, and whatever becomes of one cluster."""
    settled = _settled(binding(placement, replicas=replicas), before, fleet)
    after = replace(change, name=name) if change is not None else None
    asked, failure = Request.of(settled), _failure(settled)
    if failure:
        lacks_room = failure != "NoClusterFit"
        is_asked = may_help(asked.without_place(), fleet.get(name), after, lacks_room=lacks_room)
    else:
        on_targets, on_others = impact(asked.without_place(), fleet.get(name), after)
        is_asked = on_targets if name in asked.previous else on_others
    if is_asked:
        return
    changed = {**{k: v for k, v in fleet.items() if k != name}, **({name: after} if after else {})}
    again = schedule(settled, changed.values(), LATER) or settled
    assert (again["spec"], _said(again)) == (settled["spec"], _said(settled))


def _settled(done: Obj, *fleets: dict[str, Cluster]) -> Obj:
    """As the scheduler leaves it after one fleet and the next."""
    for fleet in fleets:
        done = schedule(done, fleet.values(), NOW) or done
    return done


def _failure(done: Obj) -> str:
    (said,) = done["status"]["conditions"]
    return "" if said["status"] == "True" else said["reason"]


def _said(done: Obj) -> Any:
    """Of a failure only its kind: how many clusters are not meant may differ until it is tried again."""
    return _failure(done) or done["status"]["conditions"]
