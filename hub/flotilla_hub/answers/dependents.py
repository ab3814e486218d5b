"""Who requires what in a state, and what that adds to the binding of a dependent. Pure.

Read from the bindings of the state; those that the questions are about are given as they would be.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from flotilla_common.errors import FlotillaError
from flotilla_common.kinds import kind_of
from flotilla_common.objects import Obj, gvk_of, name_of, namespace_of

from ..admission.lifecycle import created, updated
from ..detector.dependencies import attached, required_by, requires
from ..detector.references import Index, Reference, references_in
from .settle import UNBORN, Settled, is_template, settle
from .state import Identity, State

__all__ = ["Dependents"]

_BINDING = ("work.karmada.io", "ResourceBinding")


class Dependents:
    """Of one state. `templates`: those whose bindings may not be stored as they would be."""

    def __init__(self, state: State, templates: Iterable[Identity], now: str) -> None:
        self._state, self._now = state, now
        self._on = state.rules.features.enabled("PropagateDeps")
        self._bindings = dict(self._followed(templates)) if self._on else {}
        self._index = Index[Identity]()
        for identity, binding in self._bindings.items():
            self._index.put(identity, references_in(binding) or ())

    def settled(self, identity: Identity) -> Settled | None:
        """A template with what those who require it add to its binding; None for what is no template."""
        template = self._state.objects.get(identity)
        if template is None or not is_template(self._state, template):
            return None
        settled = settle(self._state, template, self._now)
        return self._required(settled) if self._on else settled

    def _required(self, settled: Settled) -> Settled:
        template, binding = settled.template, settled.binding
        requirers = [found for found in self._candidates(template, binding) if requires(found, template)]
        try:
            after = attached(template, binding, requirers)
        except FlotillaError as err:
            return replace(settled, trouble=settled.trouble or str(err))
        if after is None:
            return settled
        return replace(settled, binding=updated(binding, after) if binding else created(after, self._now, UNBORN))

    def unlike(self, other: "Dependents") -> Iterator[Identity]:
        """What bindings refer to here that are not the same in the other state."""
        for identity, binding in self._bindings.items():
            if _demand(binding) != _demand(other._bindings.get(identity, {})):
                for reference in references_in(binding) or ():
                    yield from self._found(reference)

    def _followed(self, templates: Iterable[Identity]) -> Iterator[tuple[Identity, Obj]]:
        """The bindings whose dependencies travel."""
        bindings = {i: b for i, b in self._state.objects.items() if i.kind_of == _BINDING}
        policies = self._state.all_policies()
        if any(policy.spec.follows_dependencies for policy in policies) or any(map(_follows, bindings.values())):
            bindings |= self._as_they_would_be(templates)
        return ((identity, binding) for identity, binding in bindings.items() if _follows(binding))

    def _as_they_would_be(self, templates: Iterable[Identity]) -> Mapping[Identity, Obj]:
        found = (self._state.objects.get(identity) for identity in templates if identity.namespace)
        followers = (t for t in found if t is not None and kind_of(t).dependencies and is_template(self._state, t))
        settled = (settle(self._state, template, self._now).binding for template in followers)
        return {Identity.of(binding): binding for binding in settled if binding is not None}

    def _candidates(self, template: Obj, binding: Obj | None) -> Iterator[Obj]:
        gvk = gvk_of(template)
        kind = (gvk.group, gvk.kind, namespace_of(template))
        found = self._index.by_name(kind, name_of(template)) | self._index.by_selector(kind)
        for entry in required_by(binding):
            found |= {Identity(*_BINDING, entry.get("namespace", ""), entry["name"])}
        return (self._bindings[identity] for identity in sorted(found) if identity in self._bindings)

    def _found(self, reference: Reference) -> Iterator[Identity]:
        if reference.selector is None:
            yield Identity(*reference.kind, reference.name)
            return
        for identity, obj in self._state.objects.items():
            if reference.names(obj):
                yield identity


def _demand(binding: Obj) -> tuple[object, object]:
    return binding.get("spec"), references_in(binding)


def _follows(binding: Obj) -> bool:
    return bool((binding.get("spec") or {}).get("propagateDeps"))
