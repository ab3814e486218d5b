"""Which policies want a template, which one has it, and what decided against each other. Tells what `match` did."""

from collections.abc import Iterable

from flotilla_common.objects import Obj, labels_of, name_of, namespace_of

from ..detector.match import BY_KIND, BY_LABEL, BY_NAME, NO_MATCH, best, level
from ..model.policy import Policy, ResourceSelector
from .explanation import Contender
from .values import Named

__all__ = ["contenders", "named_policy"]

_HOW = {BY_NAME: "by name", BY_LABEL: "by label", BY_KIND: "by kind", NO_MATCH: ""}


def contenders(template: Obj, policies: Iterable[Policy], winner: Policy | None) -> tuple[Contender, ...]:
    """The winner, those it beat (best first), then those of the template's kind that do not select it."""
    everyone = list(policies)
    ranked = sorted((p for p in everyone if level(p, template)), key=lambda p: _rank(p, template))
    first = best(template, everyone)
    found = [_lost(p, winner, first, template) for p in ranked if p is not winner and winner is not None]
    missed = [p for p in everyone if not level(p, template) and _is_near(p, template)]
    near = [_contender(p, template, "no match", _miss(p, template)) for p in sorted(missed, key=lambda p: p.name)]
    if winner is None:
        gone = [_contender(p, template, "lost", "it is being deleted") for p in ranked]
        return (*gone, *near)
    why = "it comes first" if winner is first else "it claimed the template before, and keeps it while it selects it"
    return (_contender(winner, template, "won", why), *found, *near)


def named_policy(policy: Policy) -> Named:
    kind = "PropagationPolicy" if policy.namespace else "ClusterPropagationPolicy"
    return Named(api_version="policy.karmada.io/v1alpha1", kind=kind, namespace=policy.namespace, name=policy.name)


def _rank(policy: Policy, template: Obj) -> tuple[bool, int, int, str]:
    """As `match.best` orders them."""
    return (not policy.namespace, -policy.spec.priority, -level(policy, template), policy.name)


def _contender(policy: Policy, template: Obj, outcome: str, why: str) -> Contender:
    how = _HOW[level(policy, template)]
    return Contender(policy=named_policy(policy), priority=policy.spec.priority, how=how, outcome=outcome, why=why)


def _lost(policy: Policy, winner: Policy, first: Policy | None, template: Obj) -> Contender:
    return _contender(policy, template, "lost", _why_lost(policy, winner, first, template))


def _why_lost(policy: Policy, winner: Policy, first: Policy | None, template: Obj) -> str:
    if policy.deleting:
        return "it is being deleted"
    if _rank(policy, template) < _rank(winner, template):
        return f"it would come first, but {winner.name} holds the claim"
    if winner.namespace and not policy.namespace:
        return "a policy of the template's namespace comes before every cluster-wide one"
    if policy.spec.priority != winner.spec.priority:
        return f"its priority {policy.spec.priority} is lower than {winner.spec.priority}"
    mine, theirs = level(policy, template), level(winner, template)
    if mine != theirs:
        return f"it selects {_HOW[mine]}, which is less specific than {_HOW[theirs]}"
    return f"all else is equal, and {winner.name} comes before {policy.name} in the alphabet"


def _is_near(policy: Policy, template: Obj) -> bool:
    return any(selector.kind == template["kind"] for selector in policy.spec.resource_selectors)


def _miss(policy: Policy, template: Obj) -> str:
    reasons = (_why_not(s, template) for s in policy.spec.resource_selectors if s.kind == template["kind"])
    return "; ".join(dict.fromkeys(reasons))


def _why_not(selector: ResourceSelector, template: Obj) -> str:
    if selector.api_version != template["apiVersion"]:
        return f"it selects {selector.api_version} {selector.kind}, this is {template['apiVersion']}"
    if selector.namespace and selector.namespace != namespace_of(template):
        return f"it selects in namespace {selector.namespace} only"
    if selector.name:
        return f"it selects the name {selector.name}, this is {name_of(template)}"
    labels = ", ".join(f"{key}={value}" for key, value in labels_of(template).items()) or "none"
    return f"its labelSelector does not match the labels ({labels})"
