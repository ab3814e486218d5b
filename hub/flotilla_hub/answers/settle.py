"""Where one template stands once every controller has had its say: its policy, its binding, a Work for each cluster.

The functions are those the controllers call, in the order in which they come to be called.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flotilla_common.errors import FlotillaError
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import Obj, meta_of, name_of, namespace_of
from flotilla_common.subjects import WorkSubject

from ..admission.lifecycle import created, updated
from ..detector.follow import Following, follow
from ..detector.match import Choice
from ..detector.skip import why_not_template
from ..names import work_name
from ..quota.limits import QuotaExceeded
from ..scheduler.outcome import refused, schedule
from ..work.build import build
from ..work.targets import clusters_to_keep, targets_of
from .quotas import why_refused
from .state import Identity, State, binding_identity

__all__ = ["UNBORN", "Settled", "Works", "is_template", "is_tied", "settle", "works_of"]

UNBORN = "00000000-0000-0000-0000-000000000000"
"""The uid of what is not stored; a real one would be random."""
OTHER_UNBORN = "00000000-0000-0000-0000-000000000001"
"""Another, by which equal shares are dealt out the other way round (see `scheduler.divide`)."""


@dataclass(frozen=True)
class Settled:
    """`trouble`: why the binding is not what the policy asks for, and stays as it was.

    `waits_for`: what of that is only not there yet. `held`: the policy is lazy, and waits for the template to change.
    """

    template: Obj
    choice: Choice
    binding: Obj | None
    trouble: str = ""
    waits_for: tuple[str, ...] = ()
    held: bool = False


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
    if existing is not None and meta_of(existing).get("deletionTimestamp"):
        choice = state.near(template).choose(template)
        return Settled(template, choice, None, "its binding is being removed")
    settled = _followed(state, template, existing, now)
    binding = settled.binding
    if binding is None:
        return settled
    company = state.company_of(binding)
    scheduled = schedule(binding, state.snapshot, now, profile=state.rules.scheduling, company=company)
    why = why_refused(state, existing, scheduled) if scheduled else None
    if why is not None:
        scheduled = refused(binding, QuotaExceeded.reason, why, now)
    return replace(settled, binding=scheduled or binding)


def is_tied(state: State, template: Obj, now: str) -> bool:
    """Whether the uid that a template not stored yet will be given decides which of equal clusters gets more."""
    results = []
    for uid in (UNBORN, OTHER_UNBORN):
        binding = settle(state, {**template, "metadata": {**meta_of(template), "uid": uid}}, now).binding
        results.append(targets_of(binding) if binding else {})
    return results[0] != results[1]


def _followed(state: State, template: Obj, existing: Obj | None, now: str) -> Settled:
    """As the detector leaves it."""
    near, prompted = state.near(template), Identity.of(template) not in state.touched
    try:
        following = follow(template, existing, near, prompted=prompted)
    except FlotillaError as err:
        return Settled(template, near.choose(template), existing, str(err))
    return Settled(
        template,
        following.choice,
        _stored(existing, following.binding, now),
        _trouble_of(following),
        following.waits_for,
        following.held,
    )


def _stored(existing: Obj | None, binding: Obj | None, now: str) -> Obj | None:
    if binding is None:
        return existing
    return created(binding, now, UNBORN) if existing is None else updated(existing, binding)


def _trouble_of(following: Following) -> str:
    policy = following.choice.policy
    if policy is None:
        return ""
    if following.waits_for:
        return f"policy {policy.name} waits for what is not there: {', '.join(following.waits_for)}"
    return f"policy {policy.name} is lazy: it acts when the template changes" if following.held else ""


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
