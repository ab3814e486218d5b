"""What explain and plan tell of a strategy: who serves, whose turn it is, and which wave brings a change."""

import pytest

from flotilla_common.messages import ObjectReport, WorkReport
from flotilla_common.objects import Obj
from flotilla_hub.answers.delivery import Sent
from flotilla_hub.answers.explain import Observed
from flotilla_hub.answers.settle import settle, works_of
from flotilla_hub.answers.state import State
from flotilla_hub.strategies.rolling_update import revision_of
from tests.unit.hub.answers.samples import (
    LATER,
    NOW,
    WEB,
    hub,
    member,
    nginx,
    placement,
    planned,
    told,
    verdicts,
    web_policy,
)

ORDER = ("us-1", "eu-1", "eu-2")


def with_strategy(type_: str, **settings: int) -> Obj:
    section = {"RollingUpdate": {"rollingUpdate": settings}}.get(type_, {}) if settings else {}
    return web_policy(*ORDER, placement=placement(*ORDER, schedulerStrategy={"type": type_, **section}))


SERVED = hub(nginx(), with_strategy("Failover"))
ONE_BY_ONE = with_strategy("RollingUpdate", maxSurge=1, maxUnavailable=0)
ROLLED = hub(nginx(), ONE_BY_ONE)


def sent(state: State, health: str = "Healthy") -> dict[str, Sent]:
    """Every cluster has what the state asks for."""
    found = {}
    for cluster, message in works_of(state, settle(state, state.objects[WEB], NOW)).messages.items():
        said = ObjectReport("apps/v1", "Deployment", "default", "nginx", True, health=health)
        report = WorkReport(cluster, message.name, message.digest(), True, objects=[said])
        found[cluster] = Sent(message.digest(), False, report, revision_of(message, sized=True))
    return found


def test_the_first_of_the_order_serves_and_the_others_stand_by() -> None:
    found = verdicts(told(SERVED))
    assert [found[name].chosen for name in ORDER] == [True, False, False]
    assert [found[name].note for name in ORDER[1:]] == ["it stands by: us-1 serves"] * 2


def test_the_conditions_say_who_serves() -> None:
    (serving,) = (c for c in told(SERVED).conditions if c["type"] == "Serving")
    assert (serving["reason"], serving["message"]) == ("Preferred", "us-1 serves, the first of 3 clusters")


def test_a_cluster_that_waits_says_when_its_turn_is() -> None:
    changed = ROLLED.with_objects({**ROLLED.objects, WEB: {**ROLLED.objects[WEB], **nginx("nginx:2")}})
    held = sent(ROLLED) | {"us-1": sent(changed, "Unhealthy")["us-1"]}
    found = verdicts(told(changed, Observed(held, now=NOW)))
    said = "0 of 3 clusters updated, waiting for us-1: it is Unhealthy"
    states = {name: (v.delivery.state, v.delivery.message) for name, v in found.items() if v.delivery}
    assert states == {
        "us-1": ("applied", ""),
        "eu-1": ("held", f"its turn is 1 wave from now; {said}"),
        "eu-2": ("held", f"its turn is 2 waves from now; {said}"),
    }


def test_an_old_copy_that_stays_says_until_when() -> None:
    moved = hub(nginx(), with_strategy("Failover"), clusters=(member("us-1", ready="Unknown"), member("eu-1")))
    delivery = verdicts(told(moved, Observed(sent(SERVED), now=LATER)))["us-1"].delivery
    assert delivery is not None
    assert delivery.state == "held"
    assert delivery.message == "stays until it is healthy in eu-1: it is on its way"


PLANS = [
    pytest.param(
        ROLLED,
        nginx("nginx:2"),
        {"us-1": "wave 1 of 3", "eu-1": "wave 2 of 3", "eu-2": "wave 3 of 3"},
        id="in-the-order-of-the-waves",
    ),
    pytest.param(ROLLED, nginx(replicas=9), dict.fromkeys(ORDER, ""), id="replicas-are-no-rollout"),
    pytest.param(hub(ONE_BY_ONE), nginx(), dict.fromkeys(ORDER, ""), id="nor-is-a-first-placement"),
    pytest.param(
        hub(with_strategy("Failover")),
        nginx(),
        {"us-1": "us-1 serves, the first of 3 clusters"},
        id="who-will-serve",
    ),
]


@pytest.mark.parametrize(("state", "change", "expected"), PLANS)
def test_a_plan_tells(state: State, change: Obj, expected: dict[str, str]) -> None:
    assert {row.cluster: row.note for row in planned(state, change).rows} == expected


def test_a_plan_tells_of_a_cluster_that_cannot_be_reached() -> None:
    fleet = (member("us-1"), member("eu-1"), member("eu-2"))
    lost = hub(nginx(), ONE_BY_ONE, clusters=fleet)
    away = member("us-1", ready="Unknown")
    objects = {**lost.objects, **hub(clusters=(away,)).objects}
    found = planned(lost.with_objects(objects), nginx("nginx:2")).rows
    notes = {row.cluster: row.note.partition(";")[0] for row in found}
    assert notes == {"eu-1": "wave 1 of 3", "eu-2": "wave 2 of 3", "us-1": "wave 3 of 3"}
