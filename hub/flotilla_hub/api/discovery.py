"""What the hub says it serves: /api, /apis and below, in the old form and as one aggregated document."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flotilla_common.objects import encode
from flotilla_hub.resources.crd import version_order
from flotilla_hub.resources.registry import Registry
from flotilla_hub.resources.resource import Resource

from .negotiation import media_ranges
from .paths import Target

__all__ = ["Discovery"]

Document = dict[str, Any]
_AGGREGATED = "apidiscovery.k8s.io"
_READ_WRITE = ["get", "patch", "update"]


class Discovery:
    """Documents are kept until the table of kinds changes."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._cache: dict[tuple[str, str], tuple[int, bytes | None, str]] = {}

    def answer(self, path: str, accept: str, target: Target | None) -> tuple[bytes, str] | None:
        """The document at `path` and its media type; None when there is no such group or version."""
        version = _aggregated_version(accept) if path in ("/api", "/apis") else ""
        return self._cached(path, version, lambda: self._document(path, version, target))

    def _cached(self, path: str, version: str, build: Callable[[], Document | None]) -> tuple[bytes, str] | None:
        held = self._cache.get((path, version))
        if held is None or held[0] != self._registry.generation:
            document = build()
            kind = (
                f"application/json;g={_AGGREGATED};v={version};as=APIGroupDiscoveryList"
                if version
                else "application/json"
            )
            held = (self._registry.generation, encode(document) if document is not None else None, kind)
            # Only what exists is kept, or a scanner of paths would fill the memory.
            if document is not None:
                self._cache[path, version] = held
        return (held[1], held[2]) if held[1] is not None else None

    def _document(self, path: str, version: str, target: Target | None) -> Document | None:
        if version:
            return self._aggregated(version, is_core=path == "/api")
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        if path == "/apis":
            groups = [_group(name, rows) for name, rows in self._groups().items() if name]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        if target is None or target.group not in self._groups():
            return None
        rows = self._groups()[target.group]
        if not target.version:
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(target.group, rows)}
        if target.version not in _versions(rows):
            return None
        return _resource_list(target.group, target.version, rows)

    def _aggregated(self, version: str, *, is_core: bool) -> Document:
        items = [_group_discovery(name, rows) for name, rows in self._groups().items() if (not name) == is_core]
        return {
            "kind": "APIGroupDiscoveryList",
            "apiVersion": f"{_AGGREGATED}/{version}",
            "metadata": {},
            "items": items,
        }

    def _groups(self) -> Mapping[str, list[Resource]]:
        groups: dict[str, list[Resource]] = {}
        for resource in self._registry.all():
            groups.setdefault(resource.group, []).append(resource)
        return groups


def _aggregated_version(accept: str) -> str:
    for _, parameters in media_ranges(accept):
        if parameters.get("as") == "APIGroupDiscoveryList" and parameters.get("v") in ("v2", "v2beta1"):
            return parameters["v"]
    return ""


def _versions(rows: Iterable[Resource]) -> list[str]:
    """Preferred first."""
    return sorted({v for r in rows for v in r.versions}, key=version_order)


def _group(name: str, rows: Iterable[Resource]) -> Document:
    versions = [{"groupVersion": f"{name}/{v}", "version": v} for v in _versions(rows)]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def _resource_list(group: str, version: str, rows: Iterable[Resource]) -> Document:
    served = [r for r in rows if version in r.versions]
    resources = [entry for r in served for entry in _entries(r, version)]
    group_version = f"{group}/{version}" if group else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources}


def _entries(resource: Resource, version: str) -> Iterable[Document]:
    entry: Document = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    yield entry
    for name, kind in _subresources(resource, version):
        yield {
            "name": f"{resource.plural}/{name}",
            "singularName": "",
            "namespaced": resource.namespaced,
            "verbs": _READ_WRITE,
            **kind,
        }


def _subresources(resource: Resource, version: str) -> Iterable[tuple[str, Document]]:
    if resource.status:
        yield "status", {"kind": resource.kind}
    if resource.scale:
        yield "scale", {"group": "autoscaling", "version": "v1", "kind": "Scale"}


def _group_discovery(name: str, rows: list[Resource]) -> Document:
    versions = [
        {"version": v, "freshness": "Current", "resources": [_discovered(r, v) for r in rows if v in r.versions]}
        for v in _versions(rows)
    ]
    return {"metadata": {"name": name, "creationTimestamp": None}, "versions": versions}


def _discovered(resource: Resource, version: str) -> Document:
    entry: Document = {
        "resource": resource.plural,
        "responseKind": _response_kind(resource, version, {}),
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    subresources = [
        {"subresource": name, "responseKind": _response_kind(resource, version, kind), "verbs": _READ_WRITE}
        for name, kind in _subresources(resource, version)
    ]
    return {**entry, "subresources": subresources} if subresources else entry


def _response_kind(resource: Resource, version: str, other: Document) -> Document:
    return {"group": resource.group, "version": version, "kind": resource.kind, **other}
