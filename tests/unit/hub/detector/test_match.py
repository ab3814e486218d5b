"""Which policy a template follows."""

from typing import Any

import pytest

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.detector.claim import claimed
from flotilla_hub.detector.match import Claim, best, choose, claim_of, match_level, missing_overrides
from flotilla_hub.model.policy import Policy, ResourceSelector
from tests.unit.hub.build import deployment, policy, policy_object, selector

WEB = deployment("nginx", labels={"app": "web"})

LEVELS = [
    pytest.param(selector("nginx"), 3, id="by-name-is-most-specific"),
    pytest.param(
        selector("nginx", labelSelector={"matchLabels": {"app": "other"}}),
        3,
        id="a-name-makes-labels-count-for-nothing",
    ),
    pytest.param(selector("other"), 0, id="another-name"),
    pytest.param(selector(labelSelector={"matchLabels": {"app": "web"}}), 2, id="by-label"),
    pytest.param(selector(labelSelector={"matchLabels": {"app": "db"}}), 0, id="another-label"),
    pytest.param(selector(labelSelector={}), 2, id="an-empty-label-selector-matches-all-but-ranks-as-labels"),
    pytest.param(selector(), 1, id="by-kind-alone"),
    pytest.param(selector(namespace="default"), 1, id="in-its-namespace"),
    pytest.param(selector("nginx", namespace="other"), 0, id="in-another-namespace"),
    pytest.param(selector("nginx", apiVersion="apps/v1beta1"), 0, id="another-version-is-another-kind"),
    pytest.param(selector("nginx", kind="StatefulSet"), 0, id="another-kind"),
    pytest.param(
        selector(labelSelector={"matchExpressions": [{"key": "app", "operator": "In", "values": ["db", "web"]}]}),
        2,
        id="label-in",
    ),
    pytest.param(
        selector(labelSelector={"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}), 0, id="label-absent"
    ),
]

BY_NAME, BY_LABEL, BY_KIND = selector("nginx"), selector(labelSelector={}), selector()

BEST = [
    pytest.param([], None, id="nobody-selects-it"),
    pytest.param([policy("a", "default", selector("other"))], None, id="nobody-selects-it-by-that-name"),
    pytest.param(
        [policy("a", "default", BY_KIND), policy("b", "default", BY_NAME)], "b", id="the-more-specific-selector"
    ),
    pytest.param([policy("a", "default", BY_KIND), policy("b", "default", BY_LABEL)], "b", id="labels-outrank-kind"),
    pytest.param(
        [policy("a", "default", BY_NAME), policy("b", "default", BY_KIND, priority=1)], "b", id="priority-outranks-it"
    ),
    pytest.param([policy("b"), policy("a"), policy("c")], "a", id="the-smaller-name-breaks-a-tie"),
    pytest.param(
        [policy("a", "", priority=9), policy("b", "default", BY_KIND)], "b", id="namespaced-beats-cluster-wide"
    ),
    pytest.param([policy("a", "other", BY_NAME)], None, id="another-namespace's-policy-never"),
    pytest.param([policy("a", "", selector(namespace="default"))], "a", id="cluster-wide-with-the-namespace-given"),
    pytest.param([policy("a", "", selector(namespace="other"))], None, id="cluster-wide-for-another-namespace"),
    pytest.param([policy("a", "default", selector("other"), BY_KIND)], "a", id="any-of-its-selectors-will-do"),
]


def leaving(name: str) -> Policy:
    obj = policy_object(name)
    obj["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return Policy.of(obj)


def held_by(held: Policy) -> Obj:
    marked = claimed(WEB, held)
    assert marked is not None
    return marked


CHOICES = [
    pytest.param(WEB, [policy("a")], "a", id="unclaimed-goes-to-the-best"),
    pytest.param(WEB, [], None, id="unclaimed-and-unmatched-waits"),
    pytest.param(
        held_by(policy("z")), [policy("a", priority=5), policy("z")], "z", id="a-claim-outlasts-a-better-policy"
    ),
    pytest.param(held_by(policy("z", "")), [policy("a"), policy("z", "")], "z", id="even-a-namespaced-one"),
    pytest.param(held_by(policy("z")), [policy("a")], "a", id="the-next-takes-over-when-the-policy-is-gone"),
    pytest.param(held_by(policy("z")), [], None, id="or-nobody-does"),
    pytest.param(held_by(policy("z")), [leaving("z"), policy("a")], "a", id="a-policy-on-its-way-out-holds-nothing"),
    pytest.param(
        held_by(policy("z")), [policy("z", "default", selector("x")), policy("a")], "a", id="nor-one-narrowed-past-it"
    ),
    pytest.param(
        held_by(policy("z")), [policy("z", "other"), policy("a")], "a", id="a-namesake-elsewhere-is-another-policy"
    ),
]


@pytest.mark.parametrize(("given", "expected"), LEVELS)
def test_match_level(given: dict[str, Any], expected: int) -> None:
    assert match_level(ResourceSelector.model_validate(given), WEB) == expected


@pytest.mark.parametrize(("policies", "expected"), BEST)
def test_best(policies: list[Policy], expected: str | None) -> None:
    chosen = best(WEB, policies)
    assert (chosen.name if chosen else None) == expected


@pytest.mark.parametrize(("template", "policies", "expected"), CHOICES)
def test_choose(template: Obj, policies: list[Policy], expected: str | None) -> None:
    before = copy_of(template)
    choice = choose(template, policies)
    assert (choice.policy.name if choice.policy else None) == expected
    assert choice.why
    assert template == before


LOW, HIGH = 1, 2


def taker(name: str = "taker", namespace: str = "default", priority: int = HIGH, **spec: Any) -> Policy:
    return policy(name, namespace, spec.pop("by", BY_NAME), priority=priority, **{"preemption": "Always", **spec})


HELD = held_by(policy("z", priority=LOW))
HELD_WIDE = held_by(policy("z", "", priority=HIGH))

PREEMPTION = [
    pytest.param(HELD, [taker()], "taker", id="a-higher-priority-takes-over"),
    pytest.param(HELD, [taker(priority=LOW)], "z", id="an-equal-one-does-not"),
    pytest.param(HELD, [taker(priority=0)], "z", id="nor-a-lower-one"),
    pytest.param(HELD, [taker(preemption="Never")], "z", id="nor-one-that-does-not-say-Always"),
    pytest.param(HELD, [taker(by=BY_LABEL)], "z", id="nor-one-that-selects-by-label"),
    pytest.param(HELD, [taker(by=BY_KIND)], "z", id="nor-one-that-selects-by-kind"),
    pytest.param(HELD, [taker(by=selector("other"))], "z", id="nor-one-for-another-template"),
    pytest.param(HELD, [taker("a", ""), taker("b", "")], "z", id="a-cluster-wide-one-never-takes-a-namespaced-one's"),
    pytest.param(HELD_WIDE, [taker(priority=0)], "taker", id="a-namespaced-one-takes-a-cluster-wide-one's-always"),
    pytest.param(HELD_WIDE, [taker("t", "", 3)], "t", id="a-cluster-wide-one-takes-a-lower-cluster-wide-one's"),
    pytest.param(HELD_WIDE, [taker("t", "", HIGH)], "z", id="but-not-an-equal-one's"),
    pytest.param(HELD, [taker("a", priority=2), taker("b", priority=3)], "b", id="of-several-the-highest"),
    pytest.param(HELD, [taker("b"), taker("a")], "a", id="of-equals-the-smaller-name"),
    pytest.param(HELD_WIDE, [taker("a", "", 9), taker("b")], "b", id="of-both-scopes-the-namespaced"),
]


@pytest.mark.parametrize(("template", "policies", "expected"), PREEMPTION)
def test_preemption(template: Obj, policies: list[Policy], expected: str) -> None:
    held = policy("z", priority=LOW) if template is HELD else policy("z", "", priority=HIGH)
    choice = choose(template, [held, *policies], preemption=True)
    chosen = choice.policy
    assert chosen is not None
    assert (chosen.name, choice.preempted) == (expected, None if expected == "z" else held)
    assert choose(template, [held, *policies]).policy is held, "without the gate the claim stands"


def test_a_policy_whose_priority_is_lowered_loses_what_another_always_wanted() -> None:
    before, after = policy("z", priority=5), policy("z", priority=1)
    assert choose(held_by(before), [before, taker()], preemption=True).policy is before
    assert choose(held_by(before), [after, taker()], preemption=True).preempted is after


def test_what_was_taken_over_is_not_taken_back() -> None:
    won = held_by(taker())
    assert choose(won, [policy("z", priority=LOW), taker()], preemption=True).preempted is None


def test_the_choice_says_why() -> None:
    assert choose(WEB, [policy("a", priority=3)]).why == "PropagationPolicy default/a selects it by name, priority 3"


CLAIMS = [
    pytest.param(WEB, None, id="none"),
    pytest.param(held_by(policy("z")), Claim("default", "z", "id-z"), id="of-a-namespaced-policy"),
    pytest.param(held_by(policy("z", "")), Claim("", "z", "id-z"), id="of-a-cluster-wide-one"),
    pytest.param(
        deployment(annotations={"clusterpropagationpolicy.karmada.io/name": "z"}),
        None,
        id="a-name-without-an-id-is-no-claim",
    ),
]


@pytest.mark.parametrize(("template", "expected"), CLAIMS)
def test_claim_of(template: Obj, expected: Claim | None) -> None:
    assert claim_of(template) == expected


def test_dependent_overrides_that_are_missing_are_named() -> None:
    assert missing_overrides(policy(dependentOverrides=["a", "b", "c"]), {"b"}) == ("a", "c")
    assert missing_overrides(policy(), ()) == ()
