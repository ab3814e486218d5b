"""How Failover changes places: what stays until when, and what starts when."""

from collections.abc import Mapping

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.dispatch.entry import WorkEntry
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.strategies import stage_of
from tests.unit.hub.strategies.sending import bound, drafts, facts, members, sent, template

WEB = template()
DIRECTLY = {"failover": {"cluster": {"purgeMode": "Directly"}}}


def moved(*targets: str, **more: Obj) -> Obj:
    """A binding whose order is `a`, `b`, and which is now to be served by the targets."""
    binding = bound("Failover", *targets, **more)
    placement = {**binding["spec"]["placement"], "clusterAffinity": {"clusterNames": ["a", "b"]}}
    return {**binding, "spec": {**binding["spec"], "placement": {**placement, **more.get("placement", {})}}}


def old(cluster: str, health: str = "Healthy") -> WorkEntry:
    (draft,) = drafts(moved(cluster), WEB, members())
    return sent(draft, health)


def buried(cluster: str) -> WorkEntry:
    entry = old(cluster)
    entry.deleted = True
    return entry


MOVES = [
    pytest.param(moved("a"), {}, members(), "a", "", id="at-first-there-is-nothing-to-hand-over"),
    pytest.param(moved("a"), {"a": old("a")}, members(), "a", "", id="nor-at-rest"),
    pytest.param(moved("b"), {"a": old("a")}, members("a"), "b", "a", id="the-new-starts-and-the-old-stays"),
    pytest.param(
        moved("b"), {"a": old("a"), "b": old("b", "Unhealthy")}, members("a"), "b", "a", id="until-the-new-is-healthy"
    ),
    pytest.param(moved("b"), {"a": old("a"), "b": old("b")}, members("a"), "b", "", id="then-the-old-goes"),
    pytest.param(
        moved("b", placement={"clusterAntiAffinity": {"clusterNames": ["a"]}}),
        {"a": old("a")},
        members(),
        "b",
        "",
        id="a-banned-cluster-is-left-at-once",
    ),
    pytest.param(moved("b"), {"a": buried("a")}, members(), "b", "", id="what-is-going-goes"),
    pytest.param(moved("b"), {"x": old("a")}, members(), "b", "", id="a-cluster-that-is-no-more-is-not-waited-for"),
    pytest.param(moved("b", **DIRECTLY), {"a": old("a")}, members(), "", "", id="Directly-the-old-goes-first"),
    pytest.param(moved("b", **DIRECTLY), {"a": buried("a")}, members(), "", "", id="and-is-waited-for"),
    pytest.param(moved("b", **DIRECTLY), {"a": buried("a")}, members("a"), "b", "", id="unless-it-cannot-be-reached"),
    pytest.param(
        moved("b", **DIRECTLY), {"a": buried("a"), "b": old("b")}, members(), "b", "", id="what-runs-already-goes-on"
    ),
]


@pytest.mark.parametrize(("binding", "held", "clusters", "starts", "stays"), MOVES)
def test_handing_over(
    binding: Obj, held: Mapping[str, WorkEntry], clusters: dict[str, Cluster], starts: str, stays: str
) -> None:
    stage = stage_of(facts(binding, WEB, held, clusters))
    assert ("".join(w.cluster for w in stage.works), "".join(stage.staying)) == (starts, stays)


def test_it_waits_for_the_new_one_and_says_so() -> None:
    stage = stage_of(facts(moved("b"), WEB, {"a": old("a"), "b": old("b", "Unhealthy")}))
    assert stage.awaited == {"b"}
    assert stage.held_back == {"a": "stays until it is healthy in b: it is Unhealthy"}


def test_or_for_the_old_one() -> None:
    stage = stage_of(facts(moved("b", **DIRECTLY), WEB, {"a": old("a")}))
    assert stage.awaited == {"a"}
    assert stage.held_back == {"b": "waits until it is removed from a"}


@pytest.mark.parametrize("mode", [{}, DIRECTLY], ids=["gracefully", "directly"])
def test_the_old_copy_stays_while_the_new_one_cannot_be_made(mode: Obj) -> None:
    given = facts(moved("b", **mode), WEB, {"a": old("a")})._replace(wanted=())
    stage = stage_of(given)
    assert (stage.works, stage.staying) == ((), {"a"})
    assert stage.held_back == {"a": "stays until it is healthy in b: it cannot be made"}


def test_where_nothing_is_placed_any_more_nothing_stays() -> None:
    nowhere = moved("b")
    nowhere["spec"]["clusters"] = []
    assert stage_of(facts(nowhere, WEB, {"a": old("a")})).staying == frozenset()
