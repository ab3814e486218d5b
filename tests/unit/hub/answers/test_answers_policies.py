"""Preemption, lazy policies and what policies refer to, as `explain` tells and `plan` foresees them."""

from dataclasses import replace
from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.answers.state import State
from flotilla_hub.cli import explanation_text
from flotilla_hub.features import Features
from flotilla_hub.rules import Rules
from tests.unit.hub.answers.samples import hub, nginx, override, planned, rows, told, web_policy
from tests.unit.hub.build import manifest

MOVE = [("MOVE", "us-1", "deployment/nginx")]


def preempting(state: State) -> State:
    return replace(state, rules=Rules(Features(PropagationPolicyPreemption=True)))


def taker(**spec: Any) -> Obj:
    return web_policy("us-1", name="taker", priority=9, preemption="Always", **spec)


def lazy(*clusters: str, **spec: Any) -> Obj:
    return web_policy(*clusters, activationPreference="Lazy", **spec)


def urgent(value: int = 7) -> Obj:
    return manifest("PriorityClass", "urgent", "", api_version="scheduling.k8s.io/v1", value=value)


AT_REST = hub(nginx(), web_policy("eu-1"))
PRIORITY = {"schedulePriority": {"priorityClassSource": "KubePriorityClass", "priorityClassName": "urgent"}}

PLANS = [
    pytest.param(preempting(AT_REST), [taker()], MOVE, id="a-preempting-policy-moves-it"),
    pytest.param(AT_REST, [taker()], [], id="but-not-without-the-gate"),
    pytest.param(
        preempting(hub(nginx(), web_policy("eu-1", priority=10), taker())),
        [web_policy("eu-1", priority=1)],
        MOVE,
        id="a-lowered-priority-gives-it-away",
    ),
    pytest.param(AT_REST, [lazy("us-1")], [], id="a-policy-turned-lazy-moves-nothing"),
    pytest.param(AT_REST, [lazy("us-1"), nginx("nginx:2")], MOVE, id="until-the-template-changes"),
    pytest.param(hub(nginx()), [lazy("us-1")], [], id="a-lazy-policy-leaves-what-is-there-alone"),
    pytest.param(
        hub(lazy("us-1")), [nginx()], [("CREATE", "us-1", "deployment/nginx")], id="but-not-what-comes-after-it"
    ),
]


@pytest.mark.parametrize(("state", "applied", "expected"), PLANS)
def test_a_plan_foresees_it(state: State, applied: list[Obj], expected: list[tuple[str, str, str]]) -> None:
    assert rows(planned(state, *applied)) == expected


def troubles(state: State, *applied: Obj) -> list[str]:
    return [t.message for t in planned(state, *applied).troubles if t.object.kind == "Deployment"]


def test_a_plan_says_that_a_lazy_policy_waits() -> None:
    assert troubles(AT_REST, lazy("us-1")) == ["policy web is lazy: it acts when the template changes"]


def test_a_plan_says_that_a_priority_class_is_missing() -> None:
    message = "policy web waits for what is not there: PriorityClass urgent"
    assert troubles(AT_REST, web_policy("eu-1", **PRIORITY)) == [message]
    assert troubles(AT_REST, urgent(), web_policy("eu-1", **PRIORITY)) == []


def test_a_plan_sees_what_a_policy_waited_for_arrive() -> None:
    waiting = hub(nginx(), web_policy("eu-1", dependentOverrides=["patch"]))
    assert rows(planned(waiting, override())) == [("CREATE", "eu-1", "deployment/nginx")]
    waiting = hub(nginx(), web_policy("eu-1", **PRIORITY))
    assert rows(planned(waiting, urgent())) == [("CREATE", "eu-1", "deployment/nginx")]


def test_an_explanation_says_who_preempts() -> None:
    explained = told(preempting(hub(nginx(), web_policy("eu-1"), taker(placement={}))))
    assert explained.why == "PropagationPolicy default/taker claimed it before and still selects it"
    assert [(c.policy.name, c.outcome) for c in explained.contenders] == [("taker", "won"), ("web", "lost")]


def test_an_explanation_says_what_a_lazy_policy_holds_back() -> None:
    state = AT_REST.with_objects({**AT_REST.objects, **hub(lazy("us-1")).objects})
    assert told(state).held
    assert any("lazy" in line for line in explanation_text.text_lines(told(state)))
    assert not told(AT_REST).held


def test_an_explanation_names_a_priority_class_that_is_missing() -> None:
    assert told(hub(nginx(), web_policy("eu-1", **PRIORITY))).waiting_for == ("PriorityClass urgent",)
