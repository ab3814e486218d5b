"""What Failover says on a binding, and by the clock: why who serves, when to look again, when health counts."""

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.outcome import schedule
from flotilla_hub.scheduler.snapshot import Snapshot
from flotilla_hub.scheduler.telling import told as told_events
from flotilla_hub.strategies.serving import next_look
from tests.unit.hub.scheduler.samples import NOW, binding, result
from tests.unit.hub.strategies.failing import (
    AGO_60,
    FLEET,
    LATER,
    LONG_AGO,
    ORDER,
    lost,
    of_fleet,
    ready,
    serving,
    strategy,
    told,
)

REASONS = [
    pytest.param(
        serving("primary"), FLEET, ("True", "Preferred", "primary serves, the first of 3 clusters"), id="first"
    ),
    pytest.param(
        serving("primary"),
        of_fleet(lost("primary")),
        (
            "True",
            "FailedOver",
            "secondary serves instead of primary: its Ready condition is Unknown since 2025-12-31T23:59:00Z",
        ),
        id="who-failed-and-since-when",
    ),
    pytest.param(
        serving("secondary"),
        FLEET,
        (
            "True",
            "FailedOver",
            "secondary serves instead of primary: it is well again, and returnToPreferred is not set",
        ),
        id="what-to-do-to-go-back",
    ),
    pytest.param(
        serving("primary"),
        [lost("primary"), lost("secondary")],
        (
            "False",
            "NoHealthyCluster",
            "primary keeps it (its Ready condition is Unknown since 2025-12-31T23:59:00Z), as no other can take over: "
            "secondary: its Ready condition is Unknown since 2025-12-31T23:59:00Z",
        ),
        id="that-nobody-can-take-over",
    ),
    pytest.param(
        binding({**ORDER, **strategy(), "clusterTolerations": [{"operator": "Exists"}]}),
        [lost("primary")],
        (
            "False",
            "Unschedulable",
            "no cluster is Ready: primary: its Ready condition is Unknown since 2025-12-31T23:59:00Z",
        ),
        id="that-nobody-can-start",
    ),
]


@pytest.mark.parametrize(("before", "clusters", "expected"), REASONS)
def test_the_binding_says(before: Obj, clusters: list[Cluster], expected: tuple[str, str, str]) -> None:
    assert told(schedule(before, clusters, NOW)) == expected


def test_an_unhealthy_workload_moves_once_its_patience_is_over_and_does_not_come_back_at_once() -> None:
    before = serving("primary", health="Unhealthy", unhealthySeconds=120, returnToPreferred=True)
    noticed = schedule(before, FLEET, NOW)
    assert noticed is not None
    assert (result(noticed), noticed["status"]["failover"]["unhealthySince"]) == ({"primary": 3}, NOW)
    assert next_look(noticed, Snapshot(FLEET), NOW) == 120

    moved = schedule(noticed, FLEET, LATER)
    assert result(moved) == {"secondary": 3}
    assert moved is not None
    assert moved["status"]["failover"] == {"serving": "secondary", "since": LATER, "left": {"primary": LATER}}
    assert told(moved)[2] == "secondary serves instead of primary: the workload was unhealthy there at " + LATER
    assert next_look(moved, Snapshot(FLEET), LATER) == 300
    assert schedule(moved, FLEET, LATER) is None
    assert result(schedule(moved, FLEET, "2026-01-01T00:15:01Z")) == {"primary": 3}


def test_a_workload_that_is_unhealthy_everywhere_does_not_go_round_in_circles() -> None:
    done: Obj = serving("primary", health="Unhealthy", unhealthySeconds=60)
    done["status"]["failover"] |= {"unhealthySince": LONG_AGO, "left": {"secondary": NOW, "third": NOW}}
    after = schedule(done, FLEET, NOW)
    assert result(after) == {"primary": 3}
    assert told(after)[1] == "NoHealthyCluster"
    assert after is not None
    assert schedule(after, FLEET, "2026-01-01T00:01:00Z") is None


def test_a_reschedule_goes_back_to_the_first() -> None:
    before = serving("secondary", returnToPreferred=False)
    before["spec"]["rescheduleTriggeredAt"] = NOW
    before["status"]["lastScheduledTime"] = LONG_AGO
    assert result(schedule(before, FLEET, LATER)) == {"primary": 3}


LOOKS = [
    pytest.param(serving("primary"), FLEET, None, id="nothing-to-wait-for"),
    pytest.param(serving("primary", tolerationSeconds=90), of_fleet(lost("primary")), 30, id="the-toleration"),
    pytest.param(
        serving("secondary", returnToPreferred=True, returnDelaySeconds=100),
        of_fleet(ready("primary", since=AGO_60)),
        40,
        id="the-return",
    ),
    pytest.param(binding(ORDER), FLEET, None, id="without-a-strategy-never"),
]


@pytest.mark.parametrize(("before", "clusters", "expected"), LOOKS)
def test_when_to_look_again(before: Obj, clusters: list[Cluster], expected: float | None) -> None:
    assert next_look(before, Snapshot(clusters), NOW) == expected


def test_a_strategy_that_is_taken_back_leaves_nothing_behind() -> None:
    before = schedule(serving("secondary"), FLEET, NOW)
    assert before is not None
    after = schedule({**before, "spec": {**before["spec"], "placement": ORDER}}, FLEET, NOW)
    assert after is not None
    assert result(after) == dict.fromkeys(("primary", "secondary", "third"), 3)
    assert "failover" not in after["status"]
    assert [c["type"] for c in after["status"]["conditions"]] == ["Scheduled"]


def test_what_a_rollout_said_goes_with_it_too() -> None:
    before = serving("primary")
    before["status"] |= {"rollout": {"complete": True}, "conditions": [{"type": "Progressing", "status": "True"}]}
    after = schedule(before, FLEET, NOW)
    assert after is not None
    assert "rollout" not in after["status"]
    assert [c["type"] for c in after["status"]["conditions"]] == ["Scheduled", "Serving"]


def test_a_takeover_is_told_of_binding_and_template() -> None:
    before = serving("primary")
    after = schedule(before, of_fleet(lost("primary")), NOW)
    assert after is not None
    events = [each for each in told_events(before, after) if each.reason != "ScheduleBindingSucceed"]
    said = "secondary serves instead of primary: its Ready condition is Unknown since 2025-12-31T23:59:00Z"
    assert [(e.severity, e.reason, e.message) for e in events] == [("Warning", "FailedOver", said)] * 2
    assert list(told_events(after, after)) == []
