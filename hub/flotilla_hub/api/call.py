"""One request for a resource, with everything a verb needs to answer it; and the app's dependencies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import BaseRoute

from flotilla_common.objects import Obj, name_of
from flotilla_hub.resources.registry import Registry
from flotilla_hub.resources.resource import Resource
from flotilla_hub.store.objects import Objects
from flotilla_hub.store.port import Key

from .body import decode_body, media_type_of
from .negotiation import Accepted
from .paths import Target
from .status_errors import Denied
from .storage import Storage

__all__ = ["Call", "Deps", "User"]


@dataclass(frozen=True)
class User:
    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deps:
    """What the API is built from. `now` gives RFC 3339; `storages` are by resource key, all else is in `objects`."""

    objects: Objects
    registry: Registry
    tokens: Mapping[str, User]
    now: Callable[[], str]
    storages: Mapping[str, Storage] = field(default_factory=dict)
    extra_routes: Sequence[BaseRoute] = ()
    guarded_routes: Sequence[BaseRoute] = ()
    """Beside the Kubernetes paths too, for those only who have a token."""


@dataclass(frozen=True)
class Call:
    """A request whose path names a resource that is served."""

    method: str
    target: Target
    resource: Resource
    storage: Storage
    deps: Deps
    user: User
    accepted: Accepted
    query: Mapping[str, str] = field(default_factory=dict)
    content_type: str = ""
    body: bytes = b""
    agent: str = "unknown"
    """The client program, for ownership of fields."""

    @property
    def key(self) -> Key:
        return self.key_of(self.target.name)

    def key_of(self, name: str) -> Key:
        return Key(self.resource.key, self.target.namespace, name)

    @property
    def api_version(self) -> str:
        return self.resource.gvk(self.target.version).api_version

    @property
    def is_dry_run(self) -> bool:
        given = self.query.get("dryRun")
        if given not in (None, "", "All"):
            raise Denied(400, "BadRequest", f'dryRun: Unsupported value: {given!r}: supported values: "All"')
        return given == "All"

    @property
    def is_strict(self) -> bool:
        return self.query.get("fieldValidation") == "Strict"

    @property
    def media_type(self) -> str:
        """Of the body."""
        return media_type_of(self.content_type)

    def flag(self, name: str) -> bool:
        return self.query.get(name) in ("true", "1", "True")

    def details(self, name: str = "") -> dict[str, Any]:
        """What a Status says of the object."""
        return {"name": name or self.target.name, "group": self.resource.group, "kind": self.resource.plural}

    def decoded(self) -> Any:
        """The body, whether JSON or YAML. Raises Denied (400, 415)."""
        return decode_body(self.body, self.content_type)

    def submitted(self) -> Obj:
        """The object in the body, agreeing with the URL on what it is. Raises Denied (400)."""
        obj = self.decoded()
        if not isinstance(obj, dict):
            raise Denied(400, "BadRequest", f"the body must be a {self.resource.kind}, not a {type(obj).__name__}")
        return self.addressed(obj)

    def addressed(self, obj: Obj) -> Obj:
        """`obj` with what the URL says of it filled in. Raises Denied (400) where it says otherwise."""
        kind, version = obj.get("kind") or self.resource.kind, obj.get("apiVersion") or self.api_version
        if (kind, version) != (self.resource.kind, self.api_version):
            expected = f"{self.api_version}, Kind={self.resource.kind}"
            message = (
                f"the object provided is unrecognized: this URL takes {expected}, the data is {version}, Kind={kind}"
            )
            raise Denied(400, "BadRequest", message)
        metadata = obj.get("metadata")
        if not isinstance(metadata, dict | None):
            raise Denied(400, "BadRequest", "metadata: Invalid value: must be an object")
        metadata = dict(metadata or {})
        self._agree(metadata, "namespace", self.target.namespace)
        if self.target.name:
            self._agree(metadata, "name", self.target.name)
        return {**obj, "apiVersion": version, "kind": kind, "metadata": metadata}

    def _agree(self, metadata: dict[str, Any], field_name: str, wanted: str) -> None:
        given = metadata.get(field_name)
        if given and given != wanted and (wanted or field_name == "name"):
            what = "the name of the object" if field_name == "name" else "the namespace of the provided object"
            message = f"{what} ({given}) does not match the {field_name} on the URL ({wanted})"
            raise Denied(400, "BadRequest", message)
        if wanted:
            metadata[field_name] = wanted
        else:
            metadata.pop(field_name, None)


def named(obj: Obj, suffix: str) -> Obj:
    """`obj` with a name made from generateName when it has none."""
    metadata = obj["metadata"]
    if name_of(obj) or not metadata.get("generateName"):
        return obj
    return {**obj, "metadata": {**metadata, "name": f"{str(metadata['generateName'])[:58]}{suffix}"}}
