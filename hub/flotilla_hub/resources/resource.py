"""What the API knows of one kind it serves: its names, its scope, how it is printed and what shape it has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from flotilla_common.objects import GVK, Obj

__all__ = ["ALL_VERBS", "Column", "Resource", "Scale", "Schema", "View"]

Schema = Mapping[str, Any]
"""An OpenAPI v3 schema with every `$ref` replaced by what it names; it may contain itself."""

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True)
class Column:
    """One column of `kubectl get`; `cell(obj, now)` fills it. Priority above 0 is for `-o wide`."""

    name: str
    cell: Callable[[Obj, str], Any]
    type: str = "string"
    format: str = ""
    priority: int = 0
    description: str = ""


@dataclass(frozen=True)
class Scale:
    """Where the scale subresource reads and writes, as key paths from the object's root."""

    spec: tuple[str, ...] = ("spec", "replicas")
    status: tuple[str, ...] = ("status", "replicas")
    selector: tuple[str, ...] = ()
    """Of a label selector in string form; empty means `spec.selector` is an object to be put into words."""


@dataclass(frozen=True)
class View:
    """What one version of a kind has to itself."""

    columns: tuple[Column, ...]
    schema: Schema | None


@dataclass(frozen=True, eq=False)
class Resource:
    """One kind. `columns` and `schema` are those of the preferred version, which is the first of `versions`."""

    group: str
    versions: tuple[str, ...]
    kind: str
    plural: str
    singular: str
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    namespaced: bool = True
    status: bool = False
    columns: tuple[Column, ...] = ()
    schema: Schema | None = None
    scale: Scale | None = None
    verbs: tuple[str, ...] = ALL_VERBS
    custom: bool = False
    """Comes from a CustomResourceDefinition: unknown fields are pruned, strategic merge patches refused."""
    upstream: bool = False
    """Built into Kubernetes, so its schema is in kubernetes.json."""
    spec_model: type[BaseModel] | None = None
    """Of a kind of ours: what its `spec` looks like, for OpenAPI. Admission validates by it too."""
    views: Mapping[str, View] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """`deployments.apps`, or `namespaces` in the core group: how the store names it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def gvk(self, version: str = "") -> GVK:
        return GVK(self.group, version or self.versions[0], self.kind)

    def view(self, version: str) -> View:
        return self.views.get(version) or View(self.columns, self.schema)
