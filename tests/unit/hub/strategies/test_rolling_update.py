"""A change reaches clusters in waves: from what was sent and reported, and nothing that is only in memory."""

from collections.abc import Mapping
from typing import Any

import pytest

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.dispatch.entry import WorkEntry
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.strategies import stage_of
from flotilla_hub.strategies.rolling_update import PAUSED
from tests.unit.hub.strategies.sending import (
    LATER,
    MUCH_LATER,
    NAMES,
    NEW,
    NOW,
    OLD,
    ONE,
    at_rest,
    facts,
    members,
    out,
    rolling,
    said,
    sent,
    stored,
    template,
)

BINDING = rolling()
OLD_ONES, NEW_ONES = at_rest(BINDING), at_rest(BINDING, NEW)
WAVES = [
    pytest.param({}, OLD, "abcd", id="a-first-placement-goes-everywhere-at-once"),
    pytest.param(OLD_ONES, OLD, "", id="nothing-changed"),
    pytest.param(OLD_ONES, NEW, "a", id="a-change-begins-with-the-first-the-user-named"),
    pytest.param({**OLD_ONES, "a": NEW_ONES["a"]}, NEW, "b", id="the-next-follows-when-it-is-healthy"),
    pytest.param({**OLD_ONES, "a": at_rest(BINDING, NEW, a="Unhealthy")["a"]}, NEW, "", id="and-not-while-it-is-not"),
    pytest.param(
        {k: v for k, v in OLD_ONES.items() if k != "c"}, NEW, "c", id="a-cluster-that-has-nothing-does-not-wait"
    ),
    pytest.param(OLD_ONES, template("web:1", replicas=5, generation=2), "abcd", id="replicas-are-no-rollout"),
    pytest.param(OLD_ONES, template("web:1", generation=7), "abcd", id="nor-is-bookkeeping"),
    pytest.param(OLD_ONES, template("web:1", generation=2, team="x"), "a", id="a-label-is"),
    pytest.param(
        {**OLD_ONES, "a": NEW_ONES["a"]}, template("web:3", generation=3), "a", id="a-newer-change-starts-over"
    ),
    pytest.param({**OLD_ONES, "a": NEW_ONES["a"]}, OLD, "a", id="going-back-touches-only-who-had-it"),
]


@pytest.mark.parametrize(("held", "wanted", "expected"), WAVES)
def test_who_gets_it_now(held: Mapping[str, WorkEntry], wanted: Obj, expected: str) -> None:
    binding = rolling(replicas=wanted["spec"]["replicas"])
    given = facts(binding, wanted, held)
    kept = copy_of(binding)
    assert out(stage_of(given), given) == expected
    assert binding == kept


def test_waves_are_as_wide_as_asked_for() -> None:
    binding = rolling(settings={"maxSurge": "50%", "maxUnavailable": 1})
    given = facts(binding, NEW, at_rest(binding))
    assert out(stage_of(given), given) == "abc"


def test_a_whole_rollout_visits_every_cluster_once_in_order_and_says_so() -> None:
    binding, held, order, messages = rolling(), dict(OLD_ONES), "", []
    for _ in range(len(NAMES) + 1):
        given = facts(binding, NEW, held)
        stage = stage_of(given)
        order += out(stage, given)
        messages.append(said(stage)[1:])
        held |= {w.cluster: sent(w) for w in stage.works}
        binding = stored(binding, stage)
    assert order == "abcd"
    assert messages == [
        ("RollingOut", "0 of 4 clusters updated, waiting for a: it is on its way"),
        ("RollingOut", "1 of 4 clusters updated, waiting for b: it is on its way"),
        ("RollingOut", "2 of 4 clusters updated, waiting for c: it is on its way"),
        ("RollingOut", "3 of 4 clusters updated, waiting for d: it is on its way"),
        ("RolloutComplete", "4 of 4 clusters updated"),
    ]


def after_first_wave(**more: Any) -> tuple[Obj, dict[str, WorkEntry]]:
    """`a` was sent the new version at NOW, and is unhealthy with it."""
    binding = rolling(**more)
    first = stage_of(facts(binding, NEW, OLD_ONES))
    return stored(binding, first), {**OLD_ONES, "a": at_rest(BINDING, NEW, a="Unhealthy")["a"]}


TALES = [
    pytest.param(
        {},
        members(),
        LATER,
        ("True", "RollingOut", "0 of 4 clusters updated, waiting for a: it is Unhealthy"),
        id="wait",
    ),
    pytest.param(
        {},
        members(),
        MUCH_LATER,
        (
            "False",
            "ProgressDeadlineExceeded",
            "0 of 4 clusters updated, waiting for a: it is Unhealthy; no progress for 600 seconds",
        ),
        id="it-stops-past-the-deadline",
    ),
    pytest.param(
        {"settings": {**ONE, "progressDeadlineSeconds": 60}},
        members(),
        LATER,
        (
            "False",
            "ProgressDeadlineExceeded",
            "0 of 4 clusters updated, waiting for a: it is Unhealthy; no progress for 60 seconds",
        ),
        id="the-user-says-how-long",
    ),
    pytest.param(
        {},
        members("a"),
        LATER,
        (
            "True",
            "RollingOut",
            "0 of 4 clusters updated, waiting for a: it cannot be reached, its Ready condition is Unknown",
        ),
        id="one-that-is-lost-is-waited-for",
    ),
    pytest.param(
        {"annotations": {PAUSED: "true"}},
        members(),
        MUCH_LATER,
        ("Unknown", "RolloutPaused", "0 of 4 clusters updated, waiting for a: it is Unhealthy; paused"),
        id="a-pause-has-no-deadline",
    ),
]


@pytest.mark.parametrize(("more", "clusters", "now", "expected"), TALES)
def test_what_it_says(more: Obj, clusters: dict[str, Cluster], now: str, expected: tuple[str, str, str]) -> None:
    binding, held = after_first_wave(**more)
    if "annotations" in more:
        binding = {**binding, "metadata": {**binding["metadata"], "annotations": more["annotations"]}}
    stage = stage_of(facts(binding, NEW, held, clusters, now))
    assert said(stage) == expected
    assert stage.works and {w.cluster for w in stage.works} == {"a"}


def test_the_next_look_is_at_the_deadline() -> None:
    binding, held = after_first_wave()
    assert stage_of(facts(binding, NEW, held, now=LATER)).again == 300


def test_a_pause_holds_the_next_wave_back_and_resuming_starts_the_clock_anew() -> None:
    binding, _ = after_first_wave()
    held = {**OLD_ONES, "a": NEW_ONES["a"]}
    paused = {**binding, "metadata": {**binding["metadata"], "annotations": {PAUSED: "true"}}}
    given = facts(paused, NEW, held, now=LATER)
    assert out(stage_of(given), given) == ""
    resumed = {**stored(paused, stage_of(given)), "metadata": binding["metadata"]}
    again = stage_of(facts(resumed, NEW, held, now=MUCH_LATER))
    assert out(again, given) == "b"
    assert said(again)[1] == "RollingOut"
    assert again.status is not None
    assert again.status.record["rollout"]["progressedAt"] == MUCH_LATER


def test_one_lost_in_its_wave_is_given_up_past_the_deadline_if_so_many_may_be_unavailable() -> None:
    binding, held = after_first_wave(settings={"maxSurge": 0, "maxUnavailable": 1})
    given = facts(binding, NEW, held, members("a"), MUCH_LATER)
    assert out(stage_of(given), given) == "b"


def test_clusters_that_cannot_be_reached_get_it_when_all_others_have_it() -> None:
    binding = rolling()
    held = {**NEW_ONES, "d": OLD_ONES["d"]}
    given = facts(binding, NEW, held, members("d"))
    assert out(stage_of(given), given) == "d"
    assert said(stage_of(given)) == (
        "True",
        "RolloutComplete",
        "3 of 4 clusters updated; d cannot be reached now, and will have it when they can",
    )


def test_a_rollout_that_is_complete_stays_so_when_a_cluster_falls_ill_later() -> None:
    binding = stored(rolling(), stage_of(facts(rolling(), NEW, NEW_ONES)))
    stage = stage_of(facts(binding, NEW, at_rest(binding, NEW, b="Unhealthy"), now=MUCH_LATER))
    assert said(stage) == ("True", "RolloutComplete", "4 of 4 clusters updated")
    assert stage.again is None


def test_scaling_begins_no_rollout() -> None:
    binding = stored(rolling(), stage_of(facts(rolling(), NEW, NEW_ONES)))
    bigger = {**rolling(replicas=9), "status": binding["status"]}
    stage = stage_of(facts(bigger, template("web:2", replicas=9, generation=3), NEW_ONES, now=MUCH_LATER))
    assert said(stage)[1] == "RolloutComplete"
    assert stage.status is not None
    assert stage.status.record["rollout"]["generation"] == 3


def test_a_cluster_that_joins_later_is_waited_for() -> None:
    nowhere = rolling()
    nowhere["spec"]["clusters"] = []
    stage = stage_of(facts(nowhere, NEW, {}))
    assert said(stage) == ("True", "RollingOut", "0 of 0 clusters updated")
    binding = stored(rolling("a"), stage_of(facts(rolling("a"), NEW, {"a": NEW_ONES["a"]})))
    joined = {**rolling("a", "b"), "status": binding["status"]}
    assert said(stage_of(facts(joined, NEW, {"a": NEW_ONES["a"]})))[1:] == (
        "RollingOut",
        "1 of 2 clusters updated, waiting for b: it is on its way",
    )


def test_a_suspended_cluster_takes_no_part() -> None:
    binding = rolling(suspension={"dispatchingOnClusters": {"clusterNames": ["a"]}})
    given = facts(binding, NEW, OLD_ONES)
    assert out(stage_of(given), given) == "ab"
    assert said(stage_of(given))[2] == "0 of 3 clusters updated, waiting for b: it is on its way"


def test_works_of_before_the_strategy_are_known_by_their_digest() -> None:
    held = at_rest(rolling())
    for entry in held.values():
        entry.rollout = ""
    given = facts(rolling(), OLD, held)
    assert (out(stage_of(given), given), said(stage_of(given))[1]) == ("", "RolloutComplete")


def test_the_stage_asks_again_for_whom_it_waits() -> None:
    binding, held = after_first_wave()
    stage = stage_of(facts(binding, NEW, held, now=NOW))
    assert stage.awaited == {"a"}
    told = "0 of 4 clusters updated, waiting for a: it is Unhealthy"
    turns = {"b": "1 wave", "c": "2 waves", "d": "3 waves"}
    assert stage.held_back == {name: f"its turn is {turn} from now; {told}" for name, turn in turns.items()}
