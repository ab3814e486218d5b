"""The kinds served right now: the built-in table plus whatever CustomResourceDefinitions the store holds."""

from collections.abc import Iterable

from flotilla_common.objects import GVK, Obj
from flotilla_hub.store.objects import Event, Objects

from .builtin import BUILTIN, REVIEWS, rival_of
from .crd import resource_of
from .resource import Resource

__all__ = ["CRDS", "Registry"]

CRDS = "customresourcedefinitions.apiextensions.k8s.io"


class Registry:
    """Looked up on every request. `generation` grows with each change, so that what is derived can be cached by it."""

    def __init__(self, builtin: Iterable[Resource] = (*BUILTIN, *REVIEWS)) -> None:
        self._resources = {r.key: r for r in builtin}
        self._fixed = frozenset(self._resources)
        self.generation = 0
        self._index()

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        """None also when the kind exists in other versions only."""
        return self._by_path.get((group, version, plural))

    def of_kind(self, gvk: GVK) -> Resource | None:
        return self._by_kind.get(gvk)

    def of_key(self, key: str) -> Resource | None:
        """`deployments.apps`, `namespaces`."""
        return self._resources.get(key)

    def all(self) -> tuple[Resource, ...]:
        """In the order they were added: built-in kinds first."""
        return tuple(self._resources.values())

    def add(self, crd: Obj) -> Resource | None:
        """Serve what the definition describes. None when it serves nothing, or asks for a name the hub has built in."""
        if rival_of(crd) or not any(v.get("served") for v in crd["spec"]["versions"]):
            return None
        resource = resource_of(crd)
        self._resources[resource.key] = resource
        self._index()
        return resource

    def remove(self, name: str) -> None:
        """`name` is the definition's: `widgets.example.com`."""
        if name not in self._fixed and self._resources.pop(name, None) is not None:
            self._index()

    def follow(self, objects: Objects) -> None:
        """Serve what is stored, from now on. Call once, when the store is loaded."""
        for record in objects.list(CRDS).items:
            self.add(record.obj())
        objects.subscribe(self._on_event)

    def _on_event(self, event: Event) -> None:
        if event.record.key.resource != CRDS:
            return
        if event.type == "DELETED":
            self.remove(event.record.key.name)
        else:
            self.add(event.record.obj())

    def _index(self) -> None:
        self.generation += 1
        served = [(r, v) for r in self._resources.values() for v in r.versions]
        self._by_path = {(r.group, v, r.plural): r for r, v in served}
        self._by_kind = {r.gvk(v): r for r, v in served}
