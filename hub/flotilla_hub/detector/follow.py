"""What becomes of one template: whose it is, and what is to be written for that. Pure; all that decides is called here.

The detector's controller writes what this says; `explain` and `plan` tell it.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from flotilla_common.errors import Refused
from flotilla_common.kinds import components_of, dependencies_of, replicas_of
from flotilla_common.objects import Obj, encode, labels_of

from ..features import Features
from ..model.policy import Policy
from .bind import Demand, binding_for, is_of
from .claim import released, template_after
from .lazy import is_held
from .match import Choice, choose, missing_overrides
from .quota_facts import with_quota_facts

__all__ = ["Following", "Surroundings", "follow", "missing"]


@dataclass(frozen=True)
class Surroundings:
    """What else there is on the hub, as far as a template's policy may refer to it.

    `policies` may claim it. `overrides`: a namespace → the names of its OverridePolicies, "" → the cluster-wide ones.
    `priority_of`: the value of a PriorityClass, None when there is no such class.
    """

    policies: Sequence[Policy]
    overrides: Callable[[str], Collection[str]]
    priority_of: Callable[[str], int | None]
    features: Features = field(default_factory=Features)

    def choose(self, template: Obj) -> Choice:
        preemption = self.features.enabled("PropagationPolicyPreemption")
        return choose(template, self.policies, preemption=preemption)


@dataclass(frozen=True)
class Following:
    """What is to be written; None for what stays as it is.

    `waits_for`: what the policy refers to and is not there; until it is, nothing is written. `held`: the policy is
    lazy, and what it says of the binding waits for the user to change the template.
    """

    choice: Choice
    binding: Obj | None = None
    template: Obj | None = None
    waits_for: tuple[str, ...] = ()
    held: bool = False


def follow(template: Obj, existing: Obj | None, near: Surroundings, *, prompted: bool = False) -> Following:
    """`existing`: its binding. `prompted`: a policy's change is why it is looked at (see `lazy.is_held`).

    Nobody's any more: the marks go, what runs stays. Raises what `binding_for` does, and Invalid for a template whose
    resource requests cannot be read.
    """
    choice = near.choose(template)
    policy = choice.policy
    if policy is None:
        mine = existing if existing is not None and is_of(existing, template) else None
        return Following(choice, released(mine) if mine else None, released(template))
    if policy.unreadable:
        raise Refused(f"{choice.why}; what it propagated stays as it is until the policy is corrected")
    if absent := missing(policy, near):
        return Following(choice, waits_for=absent)
    binding = binding_for(template, policy, existing, _demand(template, policy, near))
    marked = template_after(template, policy)
    if is_held(template, policy, prompted=prompted):
        return Following(choice, template=marked, held=binding is not None)
    return Following(choice, binding, marked)


def missing(policy: Policy, near: Surroundings) -> tuple[str, ...]:
    """`Kind name` of what the policy refers to and is not there."""
    return tuple(_missing(policy, near))


def _missing(policy: Policy, near: Surroundings) -> Iterator[str]:
    kind = "OverridePolicy" if policy.namespace else "ClusterOverridePolicy"
    if policy.spec.dependent_overrides:
        for name in missing_overrides(policy, near.overrides(policy.namespace)):
            yield f"{kind} {name}"
    wanted = _priority_class(policy, near)
    if wanted and near.priority_of(wanted) is None:
        yield f"PriorityClass {wanted}"


def _demand(template: Obj, policy: Policy, near: Surroundings) -> Demand:
    wanted = _priority_class(policy, near)
    followed = policy.spec.follows_dependencies and near.features.enabled("PropagateDeps")
    dependencies = encode(dependencies_of(template)).decode() if followed else None
    components = components_of(template) if near.features.enabled("MultiplePodTemplatesScheduling") else []
    # As upstream: a kind that has components is not counted in replicas, too.
    replicas, requirements = (0, None) if components else replicas_of(template)
    if near.features.enabled("ResourceQuotaEstimate") and not components:
        requirements = with_quota_facts(template, requirements)
    return Demand(
        replicas,
        requirements,
        priority=near.priority_of(wanted) if wanted else None,
        dependencies=dependencies,
        components=components,
        groups=_groups(template, policy) if near.features.enabled("WorkloadAffinity") else None,
    )


def _groups(template: Obj, policy: Policy) -> dict[str, str]:
    """The groups its labels put it in, as `key=value`."""
    wanted = policy.spec.placement.workload_affinity
    terms = {"affinityGroup": wanted.affinity, "antiAffinityGroup": wanted.anti_affinity} if wanted else {}
    labels = labels_of(template)
    keys = {field: term.group_by_label_key for field, term in terms.items() if term}
    return {field: f"{key}={labels[key]}" for field, key in keys.items() if key in labels}


def _priority_class(policy: Policy, near: Surroundings) -> str:
    given = policy.spec.schedule_priority
    return given.priority_class_name if given and near.features.enabled("PriorityBasedScheduling") else ""
