"""Which kinds a stub cluster serves: Kubernetes' own, as the hub knows them, nodes, and those of its definitions."""

from dataclasses import replace
from functools import cache

from flotilla_common.objects import Obj
from flotilla_hub.api.discovery import Discovery
from flotilla_hub.resources.builtin import BUILTIN
from flotilla_hub.resources.registry import CRDS, Registry
from flotilla_hub.resources.resource import Resource, Schema
from flotilla_hub.resources.schemas import object_meta

__all__ = ["CRDS", "Kinds", "schema"]

_NODE = Resource("", ("v1",), "Node", "nodes", "node", ("no",), namespaced=False, status=True, upstream=True)


class Kinds:
    """A registry and its documents: shared by all clusters until one of them gets a definition."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.discovery = Discovery(registry)

    def with_definition(self, crd: Obj) -> "Kinds":
        """These and the kind that the definition brings."""
        registry = Registry(self.registry.all())
        registry.add(crd)
        return Kinds(registry)

    def without(self, name: str) -> "Kinds":
        """`name`: of the definition."""
        return Kinds(Registry(row for row in self.registry.all() if row.key != name))

    @staticmethod
    @cache
    def usual() -> "Kinds":
        # Without /scale, which nothing here answers.
        return Kinds(Registry((_NODE, *(replace(row, scale=None) for row in BUILTIN if row.upstream))))


@cache
def schema(row: Resource, version: str) -> Schema:
    """What tells patches and applies which lists have keys: the kind's, with that of metadata in it."""
    found = row.view(version).schema or {}
    return {**found, "properties": {**(found.get("properties") or {}), "metadata": object_meta()}}
