"""Why one template is where it is, and nowhere else: what each decision saw, and what it decided.

Told from the binding as it is stored, not from what would be decided now; the same functions give the reasons.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flotilla_common.errors import FlotillaError, Invalid, Terminal
from flotilla_common.objects import Obj, meta_of, namespace_of

from ..detector.dependencies import is_attached, required_by
from ..detector.follow import Surroundings, follow, missing
from ..detector.references import references_in
from ..detector.skip import why_not_template
from ..model.cluster import Cluster
from ..model.override import OverridePolicy
from ..scheduler.due import is_ours
from ..scheduler.groups import Company
from ..scheduler.request import Division, Request, division_of, is_ordered
from ..scheduler.select import is_spread
from ..strategies import stage_of
from ..strategies.stage import Facts
from ..work.build import WorkDraft
from ..work.targets import targets_of
from .contest import contenders, named_policy
from .delivery import Sent, delivery_of
from .explanation import AppliedRule, Dependency, Explanation, Reason, Verdict
from .reasons import reasons_of
from .rules import applied_rules, selected_for, sized
from .settle import Settled, Works, works_of
from .state import CLUSTER, Identity, State, binding_identity
from .values import Named

__all__ = ["Observed", "explain"]


@dataclass(frozen=True)
class Observed:
    """By cluster: the template's Works as published, and what the hub could not make or send. `now` as RFC 3339."""

    sent: Mapping[str, Sent] = field(default_factory=dict)
    troubles: Mapping[str, str] = field(default_factory=dict)
    now: str = ""


def explain(state: State, template: Obj, observed: Observed) -> Explanation:
    generation = int(meta_of(template).get("generation") or 0)
    if why := why_not_template(template, state.rules.skips):
        return Explanation(object=Named.of(template), generation=generation, skipped=why)
    near = state.near(template)
    choice = near.choose(template)
    binding = state.objects.get(binding_identity(template))
    told: dict[str, Any] = {
        "object": Named.of(template),
        "generation": generation,
        "why": choice.why,
        "contenders": contenders(template, state.policies(namespace_of(template)), choice.policy),
        "waiting_for": missing(choice.policy, near) if choice.policy else (),
        "held": _is_held(template, binding, near),
    }
    if choice.policy is not None:
        told["policy"] = named_policy(choice.policy)
    if binding is not None:
        status = binding.get("status") or {}
        told["binding"] = Named.of(binding)
        told["affinity"] = status.get("schedulerObservingAffinityName") or ""
        told["conditions"] = tuple(status.get("conditions") or ())
        told["dependencies"] = tuple(_dependencies(state, binding))
        if choice.policy is None and is_attached(binding):
            told["why"] = f"{choice.why}, and it goes where it is required"
        settled = Settled(template, choice, binding)
        told["clusters"] = _Judging(state, settled, binding, observed).verdicts()
    return Explanation(**told)


def _dependencies(state: State, binding: Obj) -> Iterator[Dependency]:
    for reference in references_in(binding) or () if binding["spec"].get("propagateDeps") else ():
        gvk, namespace, name = reference.gvk, reference.namespace, reference.name
        named = Named(api_version=gvk.api_version, kind=gvk.kind, namespace=namespace, name=name)
        yield Dependency(object=named, there=any(map(reference.names, state.objects.values())))


def _is_held(template: Obj, binding: Obj | None, near: Surroundings) -> bool:
    try:
        return follow(template, binding, near, prompted=True).held
    except FlotillaError:
        return False  # its policy cannot be followed at all, lazy or not


class _Judging:
    """All clusters over one binding."""

    def __init__(self, state: State, settled: Settled, binding: Obj, observed: Observed) -> None:
        self._state, self._template, self._binding, self._observed = state, settled.template, binding, observed
        self._targets = targets_of(binding)
        self._profile = state.rules.scheduling
        self._request, self._unreadable = _request(binding, state.company_of(binding))
        self._works = works_of(state, settled) if not meta_of(binding).get("deletionTimestamp") else Works()
        namespace = namespace_of(settled.template)
        policies = [*state.overrides(""), *(state.overrides(namespace) if namespace else ())]
        self._overrides: tuple[OverridePolicy, ...] = selected_for(settled.template, policies)
        drafts = tuple(WorkDraft(m.cluster, m.name, m, "") for m in self._works.messages.values())
        facts = Facts(binding, settled.template, drafts, observed.sent, state.clusters, observed.now)
        self._held_back = stage_of(facts).held_back

    def verdicts(self) -> tuple[Verdict, ...]:
        """The chosen clusters first, then those that fit, each by name."""
        names = self._state.clusters.keys() | self._targets.keys() | self._observed.sent.keys()
        found = [self._verdict(name) for name in names]
        return tuple(sorted(found, key=lambda v: (not v.chosen, not v.fit, v.cluster)))

    def _verdict(self, name: str) -> Verdict:
        cluster, chosen = self._state.clusters.get(name), name in self._targets
        told: dict[str, Any] = {"cluster": name, "fit": False, "chosen": chosen}
        if cluster is None:
            told["reasons"] = (Reason(plugin="Registration", message="there is no such cluster on the hub"),)
        elif cluster.terminating:
            told["reasons"] = (Reason(plugin="Registration", message="the cluster is leaving"),)
        elif self._unreadable:
            told["reasons"] = (Reason(plugin="Placement", message=self._unreadable),)
        else:
            told |= self._judged(cluster, chosen)
        if needed_by := self._needed_by(name):
            told["required_by"] = needed_by
        if chosen and self._request.is_divisible:
            told["replicas"] = self._targets[name]
        if chosen and cluster is not None:
            told["overrides"] = self._rules(cluster)
        trouble = self._works.failures.get(name) or self._observed.troubles.get(name, "")
        generation = int(meta_of(self._template).get("generation") or 0)
        sent, wanted = self._observed.sent.get(name), self._works.messages.get(name)
        held_back = self._held_back.get(name, "")
        if (delivery := delivery_of(wanted, sent, trouble, generation, held_back)) is not None:
            told["delivery"] = delivery
        return Verdict(**told)

    def _judged(self, cluster: Cluster, chosen: bool) -> dict[str, Any]:
        obj = self._state.objects[Identity(*CLUSTER, "", cluster.name)]
        filters, elsewhere = self._profile.filters, self._request.without_place()
        reasons = reasons_of(self._request, cluster, obj, filters)
        from_nowhere = reasons_of(elsewhere, cluster, obj, filters) if chosen else ()
        excused = tuple(r for r in from_nowhere if r.plugin not in {reason.plugin for reason in reasons})
        score = sum(rule(self._request, cluster) for rule in self._profile.scores)
        told: dict[str, Any] = {"fit": not reasons, "score": score, "reasons": reasons}
        if excused:
            told["excused"] = excused
        if not reasons and not chosen:
            told["note"] = self._why_passed_over()
        return told

    def _why_passed_over(self) -> str:
        """Why a cluster that fits is not used."""
        if not is_ours(self._binding, self._profile.scheduler_name):
            return "nothing schedules this binding now: no policy claims it, it is suspended, or another scheduler's"
        if not self._targets:
            return "nothing is placed yet; the Scheduled condition says why"
        if is_ordered(self._request.placement):
            return f"it stands by: {', '.join(self._targets)} serves"
        if is_spread(self._request.placement):
            return "the spread constraints took others"
        if division_of(self._request.placement) is not Division.DUPLICATED:
            return "no replica was left for it"
        return "the binding has not been scheduled since it fits"

    def _needed_by(self, cluster: str) -> tuple[str, ...]:
        entries = required_by(self._binding)
        there = (e for e in entries if any(target["name"] == cluster for target in e.get("clusters") or ()))
        return tuple(f"{entry.get('namespace', '')}/{entry['name']}" for entry in there)

    def _rules(self, cluster: Cluster) -> tuple[AppliedRule, ...]:
        try:
            manifest = sized(self._template, self._binding, cluster.name, self._targets[cluster.name])
        except Terminal:
            return ()  # the Work cannot be made for the same reason, and its delivery says which
        return applied_rules(manifest, cluster, self._overrides)


def _request(binding: Obj, company: Company) -> tuple[Request, str]:
    """What the binding asks of the scheduler, at the affinity group in use; and why that cannot be read."""
    try:
        request = Request.of(binding, company=company)
    except Invalid as err:
        return Request.of({**binding, "spec": {**binding["spec"], "placement": {}}}), str(err)
    observed = (binding.get("status") or {}).get("schedulerObservingAffinityName")
    names = [term.affinity_name for term in request.placement.cluster_affinities or ()]
    return (request.at_term(names.index(observed)) if observed in names else request), ""
