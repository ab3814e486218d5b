"""What holds of claims whatever the policies are: they settle, and nothing depends on the order of looking."""

import itertools
from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.objects import Obj
from flotilla_hub.detector.bind import Demand, binding_for
from flotilla_hub.detector.claim import claimed
from flotilla_hub.detector.dependencies import attached
from flotilla_hub.detector.match import choose, preempts
from flotilla_hub.detector.shelf import Shelf
from flotilla_hub.model.override import OverridePolicy
from flotilla_hub.model.policy import Policy
from flotilla_hub.override.core import selected
from tests.unit.hub.build import deployment, manifest, override_policy, policy, selector

WEB = deployment("nginx", labels={"app": "web"})
SELECTORS = [selector("nginx"), selector(labelSelector={"matchLabels": {"app": "web"}}), selector(), selector("other")]

named_policies = st.builds(
    lambda name, namespace, by, priority, preemption: policy(
        name, namespace, by, priority=priority, preemption=preemption if by.get("name") else "Never"
    ),
    st.sampled_from("abcdef"),
    st.sampled_from(["default", "", "other"]),
    st.sampled_from(SELECTORS),
    st.integers(-1, 2),
    st.sampled_from(["Always", "Never"]),
)
sets_of_policies = st.lists(named_policies, max_size=6, unique_by=lambda p: (p.namespace, p.name))


def followed(template: Obj, policies: list[Policy]) -> tuple[Obj, Policy | None]:
    chosen = choose(template, policies, preemption=True).policy
    return (claimed(template, chosen) or template if chosen else template), chosen


@given(sets_of_policies)
def test_one_look_settles_it(policies: list[Policy]) -> None:
    template, chosen = followed(WEB, policies)
    assert followed(template, policies) == (template, chosen)


@given(sets_of_policies)
def test_the_order_of_policies_decides_nothing(policies: list[Policy]) -> None:
    assert followed(WEB, policies) == followed(WEB, policies[::-1])


@given(sets_of_policies)
def test_nobody_preempts_in_a_circle(policies: list[Policy]) -> None:
    for one, other in itertools.combinations(policies, 2):
        assert not (preempts(one, other, WEB) and preempts(other, one, WEB))


@given(sets_of_policies, named_policies)
def test_a_claim_only_ever_goes_to_one_that_ranks_higher(policies: list[Policy], newcomer: Policy) -> None:
    template, held = followed(WEB, policies)
    others = [p for p in policies if (p.namespace, p.name) != (newcomer.namespace, newcomer.name)]
    if held is None or held not in others:
        return
    taken = choose(template, [*others, newcomer], preemption=True)
    assert taken.policy is held or (taken.policy is newcomer and preempts(newcomer, held, WEB))


def laid(policies: Iterable[Any]) -> Shelf[Any]:
    shelf = Shelf[Any]()
    for each in policies:
        shelf.put(each)
    return shelf


@given(sets_of_policies)
def test_what_the_shelf_leaves_out_is_never_chosen(policies: list[Policy]) -> None:
    for template in (WEB, followed(WEB, policies)[0]):
        assert followed(template, laid(policies).of(template)) == followed(template, policies)


@given(sets_of_policies, sets_of_policies)
def test_a_shelf_forgets_what_it_drops(policies: list[Policy], others: list[Policy]) -> None:
    shelf = laid([*others, *policies])
    for other in others:
        shelf.drop(other.namespace, other.name)
    kept = [p for p in policies if (p.namespace, p.name) not in {(o.namespace, o.name) for o in others}]
    assert {(p.namespace, p.name): p for p in shelf.all()} == {(p.namespace, p.name): p for p in kept}
    assert shelf.of(WEB) == laid(kept).of(WEB)


overrides = st.builds(
    lambda name, namespace, by: override_policy(name, namespace, selectors=by and [by]),
    st.sampled_from("abcd"),
    st.sampled_from(["default", "", "other"]),
    st.sampled_from([None, *SELECTORS]),
)


@given(st.lists(overrides, max_size=6, unique_by=lambda p: (p.namespace, p.name)))
def test_nor_does_it_leave_out_an_override_that_applies(policies: list[OverridePolicy]) -> None:
    assert selected(WEB, laid(policies).of(WEB)) == selected(WEB, policies)


CONF = manifest("ConfigMap", "conf", metadata={"uid": "uid-conf"})
placements = st.dictionaries(st.sampled_from("abcd"), st.sets(st.sampled_from(["m1", "m2", "m3"])), max_size=4)


def requirers(placed: dict[str, set[str]]) -> list[Obj]:
    found = []
    for name, clusters in placed.items():
        binding = binding_for(deployment(name), policy("p", "default", selector(name)), None, Demand()) or {}
        found.append({**binding, "spec": {**binding["spec"], "clusters": [{"name": c} for c in sorted(clusters)]}})
    return found


@given(placements, placements)
def test_a_dependent_is_where_those_are_who_need_it_now(before: dict[str, set[str]], now: dict[str, set[str]]) -> None:
    existing = attached(CONF, None, requirers(before))
    binding = attached(CONF, existing, requirers(now)) or existing
    entries = binding["spec"].get("requiredBy") or [] if binding else []
    assert {c["name"] for entry in entries for c in entry["clusters"]} == set().union(*now.values())
    assert binding is None or attached(CONF, binding, requirers(now)) is None, "it is written once"
