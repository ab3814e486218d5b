"""Policies laid out by what they may select, so that nobody looks at thousands to find the few for one template. Pure.

`match` decides among those found here; what is left out could not have been chosen.
"""

from collections.abc import Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from flotilla_common.objects import Obj, name_of, namespace_of

from ..model.policy import ResourceSelector
from .match import claim_of

__all__ = ["Laid", "Shelf"]


class Laid(Protocol):
    """A policy of any kind; an empty namespace is that of a cluster-wide one. No selectors select everything."""

    @property
    def namespace(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def selectors(self) -> Sequence[ResourceSelector] | None: ...


P = TypeVar("P", bound=Laid)

_Place = tuple[str, str, str, str]
"""Namespace of the policy, apiVersion and kind it selects, name it selects or nothing."""


class Shelf(Generic[P]):
    def __init__(self) -> None:
        self._by_name: dict[tuple[str, str], P] = {}
        self._places: dict[_Place, dict[tuple[str, str], P]] = {}

    def put(self, policy: P) -> None:
        """In place of one of the same name."""
        at = policy.namespace, policy.name
        self.drop(*at)
        self._by_name[at] = policy
        for place in _places_of(policy):
            self._places.setdefault(place, {})[at] = policy

    def drop(self, namespace: str, name: str) -> None:
        """Absent is fine."""
        policy = self._by_name.pop((namespace, name), None)
        for place in _places_of(policy) if policy is not None else ():
            held = self._places.get(place, {})
            held.pop((namespace, name), None)
            if not held:
                self._places.pop(place, None)

    def all(self) -> Iterator[P]:
        return iter(self._by_name.values())

    def of(self, template: Obj) -> list[P]:
        """Those that may select it: of its namespace and cluster-wide; and the one it says it is claimed by."""
        kind = str(template.get("apiVersion")), str(template.get("kind"))
        found: dict[tuple[str, str], P] = {}
        for scope in {namespace_of(template), ""}:
            for place in ((scope, *kind, name_of(template)), (scope, *kind, ""), (scope, "", "", "")):
                found |= self._places.get(place, {})
        claim = claim_of(template)
        if claim is not None and claim[:2] in self._by_name:
            found[claim[:2]] = self._by_name[claim[:2]]
        return list(found.values())


def _places_of(policy: Laid) -> set[_Place]:
    selectors = policy.selectors
    if selectors is None:
        return {(policy.namespace, "", "", "")}
    return {(policy.namespace, s.api_version, s.kind, s.name or "") for s in selectors}
