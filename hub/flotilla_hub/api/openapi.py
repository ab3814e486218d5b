"""OpenAPI documents: v3 by group and version, and a v2 that tells kubectl what it must know before it will apply.

Schemas of Kubernetes' own kinds come from resources/kubernetes.json, those of custom kinds from their definitions, and
kinds of ours are open objects. Operations are listed only as far as clients look: PATCH and its parameters.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from flotilla_common.objects import encode
from flotilla_hub.resources.registry import Registry
from flotilla_hub.resources.resource import Resource, Schema
from flotilla_hub.resources.schemas import definitions, kinds

from .model_schemas import schema_of_model
from .openapi_proto import PROTOBUF_TYPE, document_proto

__all__ = ["OpenAPI"]

Document = dict[str, Any]
_INFO = {"title": "Flotilla", "version": "v1"}
_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_MEDIA = ("application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml")
_V2, _V3 = "#/definitions/", "#/components/schemas/"
_PARAMETERS = ("dryRun", "fieldManager", "fieldValidation", "force")


class OpenAPI:
    """Documents are made when asked for and kept until the table of kinds changes."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._generation = -1
        self._documents: dict[str, tuple[bytes, str]] = {}

    def answer(self, path: str, accept: str) -> tuple[bytes, str] | None:
        """The document at `path` and its media type; None when there is none."""
        if self._generation != self._registry.generation:
            self._documents.clear()
            self._generation = self._registry.generation
        wants_proto = path.endswith("pb-v1") or (path.startswith("/openapi/v2") and "proto" in accept)
        name = f"{path} proto" if wants_proto else path
        if name not in self._documents:
            made = self._make(path, wants_proto)
            if made is None:
                return None
            self._documents[name] = made
        return self._documents[name]

    def _make(self, path: str, wants_proto: bool) -> tuple[bytes, str] | None:
        if path in ("/openapi/v2", "/swagger-2.0.0.pb-v1", "/swagger.json"):
            paths = dict(_operations(self._registry.all()))
            if wants_proto:
                return document_proto(_INFO, paths, _schemas_v2(self._registry.all())), PROTOBUF_TYPE
            document = {
                "swagger": "2.0",
                "info": _INFO,
                "paths": _paths_v2(paths),
                "definitions": _schemas_v2(self._registry.all()),
            }
            return encode(document), "application/json"
        if path == "/openapi/v3":
            return encode(self._index()), "application/json"
        rows = self._rows(path.removeprefix("/openapi/v3/"))
        return (encode(_document_v3(rows)), "application/json") if rows else None

    def _index(self) -> Document:
        names = {gv for r in self._registry.all() for gv in _group_versions(r)}
        digest = hashlib.sha256(str(self._registry.generation).encode()).hexdigest()[:32].upper()
        return {"paths": {n: {"serverRelativeURL": f"/openapi/v3/{n}?hash={digest}"} for n in sorted(names)}}

    def _rows(self, group_version: str) -> list[tuple[Resource, str]]:
        return [(r, v) for r in self._registry.all() for v in r.versions if _place(r, v) == group_version]


def _place(resource: Resource, version: str) -> str:
    return f"apis/{resource.group}/{version}" if resource.group else f"api/{version}"


def _group_versions(resource: Resource) -> Iterable[str]:
    return (_place(resource, v) for v in resource.versions)


def _gvk(resource: Resource, version: str) -> Document:
    return {"group": resource.group, "version": version, "kind": resource.kind}


def _collection(resource: Resource, version: str) -> str:
    scope = "namespaces/{namespace}/" if resource.namespaced else ""
    return f"/{_place(resource, version)}/{scope}{resource.plural}"


def _operations(resources: Iterable[Resource]) -> Iterable[tuple[str, Document]]:
    """Path of one object → its kind, for every kind that can be patched."""
    for resource in resources:
        if "patch" in resource.verbs:
            for version in resource.versions:
                yield f"{_collection(resource, version)}/{{name}}", _gvk(resource, version)


def _paths_v2(paths: Mapping[str, Document]) -> Document:
    parameters = [{"name": name, "in": "query", "type": "string", "uniqueItems": True} for name in _PARAMETERS]
    return {
        path: {
            "patch": {
                "consumes": list(_MEDIA),
                "parameters": parameters,
                "responses": {"200": {"description": "OK"}},
                "x-kubernetes-action": "patch",
                "x-kubernetes-group-version-kind": gvk,
            }
        }
        for path, gvk in paths.items()
    }


def _schemas_v2(resources: Iterable[Resource]) -> Document:
    """With them an old kubectl checks what it sends, and explains it."""
    schemas: dict[str, Any] = {}
    for resource, version in ((r, v) for r in resources for v in r.versions):
        if resource.upstream:
            _add_upstream(schemas, _name(resource, version), _V2)
        if resource.upstream or resource.schema or resource.spec_model:
            schemas[_name(resource, version)] = _with_gvk(_plain(resource, version, _V2), resource, version)
    _add_upstream(schemas, _META, _V2)
    return schemas


def _document_v3(rows: Iterable[tuple[Resource, str]]) -> Document:
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for resource, version in rows:
        name = _name(resource, version)
        if resource.upstream:
            _add_upstream(schemas, name, _V3)
        schemas[name] = _with_gvk(_plain(resource, version, _V3), resource, version)
        paths |= _paths_v3(resource, version, name)
    _add_upstream(schemas, _META, _V3)
    return {"openapi": "3.0.0", "info": _INFO, "paths": paths, "components": {"schemas": schemas}}


def _name(resource: Resource, version: str) -> str:
    known = kinds().get(str(resource.gvk(version)))
    return known or ".".join([*reversed(resource.group.split(".")), version, resource.kind])


def _plain(resource: Resource, version: str, prefix: str) -> Document:
    if resource.upstream:
        upstream: Document = _refs(definitions()[_name(resource, version)], prefix)
        return upstream
    schema = resource.view(version).schema
    if resource.spec_model:
        open_object = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        schema = {"type": "object", "properties": {"spec": schema_of_model(resource.spec_model), "status": open_object}}
    if schema is None:
        return {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    properties = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        **(schema.get("properties") or {}),
        "metadata": {"$ref": f"{prefix}{_META}"},
    }
    return {**schema, "properties": properties}


def _with_gvk(schema: Schema, resource: Resource, version: str) -> Document:
    return {**schema, "x-kubernetes-group-version-kind": [_gvk(resource, version)]}


def _add_upstream(schemas: dict[str, Any], name: str, prefix: str) -> None:
    """`name` and all it refers to."""
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in schemas:
            schemas[one] = _refs(definitions()[one], prefix)
            waiting.extend(_referred(definitions()[one]))


def _referred(schema: Any) -> Iterable[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for child in schema.values():
            yield from _referred(child)


def _refs(schema: Any, prefix: str) -> Any:
    """The schema with its references as this document spells them."""
    if isinstance(schema, list):
        return [_refs(s, prefix) for s in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("$ref"), str):
        return {"$ref": prefix + schema["$ref"]}
    return {k: _refs(v, prefix) for k, v in schema.items()}


def _paths_v3(resource: Resource, version: str, name: str) -> Document:
    if "patch" not in resource.verbs:
        return {}
    content = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    gvk = _gvk(resource, version)
    patch = {
        "parameters": [
            {"name": p, "in": "query", "schema": {"type": "string", "uniqueItems": True}} for p in _PARAMETERS
        ],
        "requestBody": {"content": {media: {"schema": {"type": "object"}} for media in _MEDIA}},
        "responses": {"200": {"description": "OK", "content": {"application/json": content}}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": gvk,
    }
    get = {
        "responses": {"200": {"description": "OK", "content": {"application/json": content}}},
        "x-kubernetes-action": "get",
        "x-kubernetes-group-version-kind": gvk,
    }
    return {f"{_collection(resource, version)}/{{name}}": {"get": get, "patch": patch}}
