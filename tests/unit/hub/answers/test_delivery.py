"""How far a Work has come: wanted, published, reported."""

import pytest

from flotilla_common.messages import ObjectReport, WorkReport
from flotilla_hub.answers.delivery import Sent
from flotilla_hub.answers.explain import Observed
from flotilla_hub.answers.settle import settle, works_of
from flotilla_hub.answers.state import State
from tests.unit.hub.answers.samples import (
    LATER,
    WEB,
    hub,
    nginx,
    told,
    verdicts,
    web_policy,
)

AT = 1767225600.0


def digest(state: State, cluster: str) -> str:
    return works_of(state, settle(state, state.objects[WEB], LATER)).messages[cluster].digest()


def report(digest: str, *, applied: bool = True, message: str = "") -> WorkReport:
    seen = ObjectReport("apps/v1", "Deployment", "default", "nginx", applied, health="Healthy")
    return WorkReport("eu-1", "w", digest, applied, message=message, objects=[seen], at=AT)


RUNNING = hub(nginx(), web_policy("eu-1"))
WANTED = digest(RUNNING, "eu-1")
DELIVERIES = [
    pytest.param(Observed(), ("absent", "not published yet"), id="not-published"),
    pytest.param(Observed({"eu-1": Sent("old")}), ("publishing", "an older version is published"), id="older"),
    pytest.param(Observed({"eu-1": Sent(WANTED)}), ("waiting", "its agent has not answered yet"), id="unanswered"),
    pytest.param(
        Observed({"eu-1": Sent(WANTED, report=report("old"))}),
        ("waiting", "its agent has applied an older version"),
        id="the-agent-has-an-older-one",
    ),
    pytest.param(
        Observed({"eu-1": Sent(WANTED, report=report("old", applied=False, message="no quota"))}),
        ("waiting", "an older version failed with (no quota)"),
        id="an-older-one-failed",
    ),
    pytest.param(
        Observed({"eu-1": Sent(WANTED, report=report(WANTED, applied=False, message="no quota"))}),
        ("failed", "no quota"),
        id="failed",
    ),
    pytest.param(Observed({"eu-1": Sent(WANTED, report=report(WANTED))}), ("applied", ""), id="applied"),
    pytest.param(
        Observed({"eu-1": Sent(WANTED, deleted=True)}), ("removing", "its agent has not removed it yet"), id="tombstone"
    ),
    pytest.param(
        Observed({"eu-1": Sent(WANTED, report=report(WANTED))}, {"eu-1": "too large"}),
        ("impossible", "too large"),
        id="what-could-not-be-sent",
    ),
]


@pytest.mark.parametrize(("observed", "expected"), DELIVERIES)
def test_how_far_a_work_has_come(observed: Observed, expected: tuple[str, str]) -> None:
    delivery = verdicts(told(RUNNING, observed))["eu-1"].delivery
    assert delivery is not None
    assert (delivery.state, delivery.message) == expected


def test_what_is_applied_is_told_with_its_generation_and_time() -> None:
    delivery = verdicts(told(RUNNING, Observed({"eu-1": Sent(WANTED, report=report(WANTED))})))["eu-1"].delivery
    assert delivery is not None
    assert (delivery.generation, delivery.health, delivery.at) == (2, "Healthy", "2026-01-01T00:00:00Z")
    assert (delivery.desired, delivery.published, delivery.reported) == (WANTED, WANTED, WANTED)


def test_a_work_that_is_on_its_way_out_is_told_where_nothing_is_placed() -> None:
    verdict = verdicts(told(RUNNING, Observed({"us-1": Sent("old", deleted=True)})))["us-1"]
    assert (verdict.chosen, verdict.delivery and verdict.delivery.state) == (False, "removing")


def test_a_suspended_work_is_told() -> None:
    state = hub(nginx(), web_policy("eu-1", suspension={"dispatching": True}))
    delivery = verdicts(told(state, Observed({"eu-1": Sent(digest(state, "eu-1"))})))["eu-1"].delivery
    assert delivery is not None and delivery.state == "suspended"
