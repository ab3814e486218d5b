"""Which policy a template follows: the one that holds its claim, else the best match. Pure."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from flotilla_common.objects import Obj, annotations_of, labels_of, name_of, namespace_of

from ..labels import CLUSTER_POLICY_MARKS, POLICY_MARKS
from ..model.policy import Policy, ResourceSelector

__all__ = ["Choice", "Claim", "best", "choose", "claim_of", "level", "match_level", "missing_overrides", "preempts"]

BY_NAME, BY_LABEL, BY_KIND, NO_MATCH = 3, 2, 1, 0


class Claim(NamedTuple):
    """The policy a template says it follows; `namespace` is empty for a cluster-wide one."""

    namespace: str
    name: str
    permanent_id: str


class Choice(NamedTuple):
    """`policy` None: nothing claims the template; it waits, and an earlier claim comes off. `why` is for people.

    `preempted`: the policy that `policy` takes the claim from.
    """

    policy: Policy | None
    why: str
    preempted: Policy | None = None


def claim_of(template: Obj) -> Claim | None:
    """The claim in its labels and annotations; a namespaced policy's comes first."""
    labels, annotations = labels_of(template), annotations_of(template)
    for marks in (POLICY_MARKS, CLUSTER_POLICY_MARKS):
        name, permanent_id = annotations.get(marks.name), labels.get(marks.permanent_id)
        if name and permanent_id:
            return Claim(annotations.get(marks.namespace, "") if marks.namespace else "", name, permanent_id)
    return None


def choose(template: Obj, policies: Sequence[Policy], *, preemption: bool = False) -> Choice:
    """The claim stands while its policy is there and selects the template, even where a better policy came later.

    With `preemption` (the gate PropagationPolicyPreemption) a policy that says so takes it over; see `preempts`.

    A policy that is gone, on its way out, or no longer selects the template holds nothing: the next best takes over at
    once. Upstream strips the claim first and matches at the event that follows; the outcome is the same.
    """
    claim = claim_of(template)
    held = next((p for p in policies if claim and (p.namespace, p.name) == claim[:2]), None)
    if held and held.unreadable and not held.deleting:
        return Choice(held, f"{_named(held)} claimed it before, and cannot be read: {held.unreadable}")
    if held and not held.deleting and level(held, template):
        takers = [p for p in policies if preempts(p, held, template)] if preemption else ()
        if taker := best(template, takers):
            return Choice(taker, f"{_named(taker)} preempts {_named(held)}", held)
        return Choice(held, f"{_named(held)} claimed it before and still selects it")
    chosen = best(template, policies)
    if chosen is None:
        return Choice(None, "no policy selects it")
    return Choice(
        chosen, f"{_named(chosen)} selects it {_how(level(chosen, template))}, priority {chosen.spec.priority}"
    )


def preempts(policy: Policy, held: Policy, template: Obj) -> bool:
    """Whether `policy` may take over what `held` has claimed.

    Only by name, and only what ranks lower: a namespaced policy takes from any cluster-wide one, and within one scope
    the strictly higher priority takes from the lower. Nothing is remembered: lowering the holder's priority lets others
    take over just as raising their own does.
    """
    if policy.spec.preemption != "Always" or policy.deleting or level(policy, template) != BY_NAME:
        return False
    if bool(policy.namespace) != bool(held.namespace):
        return bool(policy.namespace)
    return policy.spec.priority > held.spec.priority


def best(template: Obj, policies: Iterable[Policy]) -> Policy | None:
    """The policy to claim an unclaimed template.

    A namespaced policy beats every cluster-wide one; then the higher priority, the more specific selector and the
    alphabetically smaller name decide.
    """
    ranked = (
        ((not policy.namespace, -policy.spec.priority, -found, policy.name), policy)
        for policy in policies
        if not policy.deleting and (found := level(policy, template))
    )
    return min(ranked, key=lambda pair: pair[0], default=(None, None))[1]


def level(policy: Policy, template: Obj) -> int:
    """How specifically the policy selects the template: its best selector's level, 0 when none selects it."""
    if policy.namespace and policy.namespace != namespace_of(template):
        return NO_MATCH
    return max((match_level(selector, template) for selector in policy.spec.resource_selectors), default=NO_MATCH)


def match_level(selector: ResourceSelector, template: Obj) -> int:
    """3 by name, 2 by labels (an empty label selector counts), 1 by kind alone, 0 not at all."""
    if (selector.api_version, selector.kind) != (template.get("apiVersion"), template.get("kind")):
        return NO_MATCH
    if selector.namespace and selector.namespace != namespace_of(template):
        return NO_MATCH
    if selector.name:
        return BY_NAME if selector.name == name_of(template) else NO_MATCH
    if selector.label_selector is None:
        return BY_KIND
    return BY_LABEL if selector.label_selector.matches(labels_of(template)) else NO_MATCH


def missing_overrides(policy: Policy, present: Collection[str]) -> tuple[str, ...]:
    """The override policies it depends on that are not there yet; propagation waits for them.

    `present`: names of the OverridePolicies in its namespace, or of the ClusterOverridePolicies for a cluster-wide one.
    """
    return tuple(name for name in policy.spec.dependent_overrides or () if name not in present)


def _named(policy: Policy) -> str:
    return (
        f"PropagationPolicy {policy.namespace}/{policy.name}"
        if policy.namespace
        else f"ClusterPropagationPolicy {policy.name}"
    )


def _how(found: int) -> str:
    return {BY_NAME: "by name", BY_LABEL: "by label", BY_KIND: "by kind"}[found]
