"""Where one template stands once every controller has had its say: its policy, its binding, a Work for each cluster.

The functions are those the controllers call, in the order in which they come to be called.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flotilla_common.errors import FlotillaError
from flotilla_common.kinds import replicas_of
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import Obj, meta_of, name_of, namespace_of
from flotilla_common.subjects import WorkSubject

from ..admission.lifecycle import created, updated
from ..detector.bind import binding_for, released
from ..detector.match import Choice, choose, missing_overrides
from ..detector.skip import why_not_template
from ..model.policy import Policy
from ..names import work_name
from ..scheduler.outcome import schedule
from ..work.build import build
from ..work.targets import clusters_to_keep, targets_of
from .state import State, binding_identity

__all__ = ["UNBORN", "Settled", "Works", "is_template", "is_tied", "missing", "settle", "works_of"]

UNBORN = "00000000-0000-0000-0000-000000000000"
"""The uid of what is not stored; a real one would be random."""
OTHER_UNBORN = "00000000-0000-0000-0000-000000000001"
"""Another, by which equal shares are dealt out the other way round (see `scheduler.divide`)."""


@dataclass(frozen=True)
class Settled:
    """`trouble`: why the binding is not what the policy asks for, and stays as it was."""

    template: Obj
    choice: Choice
    binding: Obj | None
    trouble: str = ""


@dataclass(frozen=True)
class Works:
    """By cluster: the Works a template ends up with, and why one could not be made as it should be.

    `lasting`: where it stays as long as the template is there, whatever becomes of its binding.
    """

    messages: Mapping[str, WorkMessage] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    lasting: frozenset[str] = frozenset()


def is_template(state: State, obj: Obj) -> bool:
    return not meta_of(obj).get("deletionTimestamp") and why_not_template(obj, state.rules.skips) is None


def settle(state: State, template: Obj, now: str) -> Settled:
    """`template` is one (see `is_template`). A binding that does not exist yet is made as it would be."""
    existing = state.objects.get(binding_identity(template))
    choice = choose(template, state.policies(namespace_of(template)))
    if existing is not None and meta_of(existing).get("deletionTimestamp"):
        return Settled(template, choice, None, "its binding is being removed")
    try:
        binding, trouble = _bound(state, template, choice.policy, existing, now), ""
    except FlotillaError as err:
        binding, trouble = existing, str(err)
    if binding is not None:
        company = state.company_of(binding)
        binding = schedule(binding, state.snapshot, now, profile=state.rules.scheduling, company=company) or binding
    return Settled(template, choice, binding, trouble)


def is_tied(state: State, template: Obj, now: str) -> bool:
    """Whether the uid that a template not stored yet will be given decides which of equal clusters gets more."""
    results = []
    for uid in (UNBORN, OTHER_UNBORN):
        binding = settle(state, {**template, "metadata": {**meta_of(template), "uid": uid}}, now).binding
        results.append(targets_of(binding) if binding else {})
    return results[0] != results[1]


def missing(state: State, policy: Policy) -> tuple[str, ...]:
    """The override policies it waits for."""
    return missing_overrides(policy, {override.name for override in state.overrides(policy.namespace)})


def _bound(state: State, template: Obj, policy: Policy | None, existing: Obj | None, now: str) -> Obj | None:
    """As the detector leaves it. Raises what stops it."""
    if policy is None:
        return (released(existing) or existing) if existing is not None else None
    if absent := missing(state, policy):
        raise FlotillaError(f"policy {policy.name} waits for override policies that are not there: {', '.join(absent)}")
    binding = binding_for(template, policy, existing, *replicas_of(template))
    if binding is None:
        return existing
    return created(binding, now, UNBORN) if existing is None else updated(existing, binding)


def works_of(state: State, settled: Settled) -> Works:
    """In clusters the hub knows; a Work that cannot be made stays what its cluster has (`state.kept`)."""
    binding, template = settled.binding, settled.template
    if binding is None:
        return Works()
    namespace = namespace_of(template)
    overrides = state.overrides(namespace) if namespace else []
    built = build(binding, template, state.clusters, state.overrides(""), overrides)
    messages = {draft.cluster: draft.message for draft in built.works}
    for subject, message in _kept(state, template, binding).items():
        messages.setdefault(subject.cluster, message)
    return Works(messages, {cluster: str(why) for cluster, why in built.failures.items()})


def _kept(state: State, template: Obj, binding: Obj) -> dict[WorkSubject, WorkMessage]:
    name = work_name(template["kind"], name_of(template), namespace_of(template))
    subjects = (WorkSubject(cluster, name) for cluster in clusters_to_keep(binding) if cluster in state.clusters)
    return {subject: state.kept[subject] for subject in subjects if subject in state.kept}
