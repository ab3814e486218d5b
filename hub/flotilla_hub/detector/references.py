"""What a binding's template refers to, and which bindings refer to what. Pure.

`flotilla_common.kinds` finds it in the template, the detector writes it down in the binding.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, TypeVar

import orjson
from pydantic import ValidationError

from flotilla_common.objects import GVK, Obj, annotations_of, gvk_of, labels_of, name_of, namespace_of

from ..labels import DEPENDENCIES
from ..model.selectors import LabelSelector

__all__ = ["Index", "Kind", "Reference", "references_in"]

B = TypeVar("B")

Kind = tuple[str, str, str]
"""Group, kind and namespace."""


class Reference(NamedTuple):
    """One object, or those a selector finds; `name` is empty for a selector."""

    gvk: GVK
    namespace: str
    name: str
    selector: LabelSelector | None = None

    @property
    def kind(self) -> Kind:
        """The API version does not count: an object is the same in every one."""
        return self.gvk.group, self.gvk.kind, self.namespace

    def names(self, obj: Obj) -> bool:
        gvk = gvk_of(obj)
        if (gvk.group, gvk.kind, namespace_of(obj)) != self.kind:
            return False
        return self.selector.matches(labels_of(obj)) if self.selector else name_of(obj) == self.name


def references_in(binding: Obj) -> tuple[Reference, ...] | None:
    """What the binding's template refers to; None when the binding does not say, or not readably."""
    try:
        listed = orjson.loads(annotations_of(binding)[DEPENDENCIES])
        return tuple(_reference(entry) for entry in listed)
    except (KeyError, TypeError, AttributeError, orjson.JSONDecodeError, ValidationError):
        return None


class Index(Generic[B]):
    """Which bindings refer to what; a `B` names a binding."""

    def __init__(self) -> None:
        self._references: dict[B, tuple[Reference, ...]] = {}
        self._by_kind: defaultdict[Kind, dict[str, set[B]]] = defaultdict(dict)

    def __contains__(self, binding: B) -> bool:
        return binding in self._references

    def put(self, binding: B, references: tuple[Reference, ...]) -> tuple[Reference, ...]:
        """Returns what it referred to before."""
        before = self._references.pop(binding, ())
        for reference in before:
            self._by_kind[reference.kind][reference.name].discard(binding)
        for reference in references:
            self._by_kind[reference.kind].setdefault(reference.name, set()).add(binding)
        if references:
            self._references[binding] = references
        return before

    def by_name(self, kind: Kind, name: str) -> set[B]:
        return self._by_kind.get(kind, {}).get(name, set())

    def by_selector(self, kind: Kind) -> set[B]:
        """Whatever it selects."""
        return self.by_name(kind, "")


def _reference(entry: Mapping[str, Any]) -> Reference:
    gvk, selector = GVK.parse(entry["apiVersion"], entry["kind"]), entry.get("labelSelector")
    found = None if selector is None else LabelSelector.model_validate(selector)
    return Reference(gvk, entry.get("namespace", ""), "" if found else entry["name"], found)
