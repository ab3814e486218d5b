"""Which policy has a template, and what decided against each other."""

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.answers.state import Identity
from tests.unit.hub.answers.samples import (
    hub,
    nginx,
    placement,
    told,
    web_policy,
)
from tests.unit.hub.build import policy_object, selector

BY_LABEL = selector(labelSelector={"matchLabels": {"app": "web"}})
BY_KIND = selector()


def labelled() -> Obj:
    return nginx(labels={"app": "web"})


def cluster_policy(name: str, *selectors: Obj, **spec: object) -> Obj:
    return policy_object(name, "", *selectors, **{"placement": placement("eu-1"), **spec})


CONTESTS = [
    pytest.param(
        [web_policy("eu-1"), cluster_policy("all", priority=99)],
        [("web", "won", "it comes first"), ("all", "lost", "a policy of the template's namespace comes before every")],
        id="scope",
    ),
    pytest.param(
        [web_policy("eu-1", name="high", priority=10), web_policy("eu-1", name="low")],
        [("high", "won", "it comes first"), ("low", "lost", "its priority 0 is lower than 10")],
        id="priority",
    ),
    pytest.param(
        [web_policy("eu-1", name="z"), web_policy("eu-1", name="a", selectors=(BY_LABEL,))],
        [("z", "won", "it comes first"), ("a", "lost", "it selects by label, which is less specific than by name")],
        id="specificity",
    ),
    pytest.param(
        [web_policy("eu-1", name="a"), web_policy("eu-1", name="b")],
        [("a", "won", "it comes first"), ("b", "lost", "all else is equal, and a comes before b")],
        id="name",
    ),
    pytest.param(
        [web_policy("eu-1", name="only"), web_policy("eu-1", name="other", selectors=(selector("else"),))],
        [("only", "won", "it comes first"), ("other", "no match", "it selects the name else, this is nginx")],
        id="a-near-miss-by-name",
    ),
    pytest.param(
        [web_policy("eu-1", selectors=(selector(labelSelector={"matchLabels": {"app": "x"}}),))],
        [("web", "no match", "its labelSelector does not match the labels (app=web)")],
        id="a-near-miss-by-label",
    ),
    pytest.param(
        [web_policy("eu-1", selectors=({"apiVersion": "apps/v1beta1", "kind": "Deployment"},))],
        [("web", "no match", "it selects apps/v1beta1 Deployment, this is apps/v1")],
        id="a-near-miss-by-version",
    ),
    pytest.param(
        [cluster_policy("web", selector(namespace="shop"))],
        [("web", "no match", "it selects in namespace shop only")],
        id="a-near-miss-by-namespace",
    ),
]


@pytest.mark.parametrize(("policies", "expected"), CONTESTS)
def test_why_each_policy_won_or_lost(policies: list[Obj], expected: list[tuple[str, str, str]]) -> None:
    found = told(hub(labelled(), *policies)).contenders
    assert [(c.policy.name, c.outcome) for c in found] == [(name, outcome) for name, outcome, _ in expected]
    assert all(why in c.why for c, (_, _, why) in zip(found, expected, strict=True))


def test_a_claim_stands_against_a_better_policy() -> None:
    state = hub(nginx(), web_policy("eu-1"))
    better = web_policy("eu-2", name="better", priority=9)
    explained = told(state.with_objects({**state.objects, Identity.of(better): better}))
    assert [(c.policy.name, c.outcome, c.why) for c in explained.contenders] == [
        ("web", "won", "it claimed the template before, and keeps it while it selects it"),
        ("better", "lost", "it would come first, but web holds the claim"),
    ]
    assert explained.why == "PropagationPolicy default/web claimed it before and still selects it"
