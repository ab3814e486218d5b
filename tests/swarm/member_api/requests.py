"""One request as a cluster sees it, and its answer. Refusals are Kubernetes' own Statuses. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flotilla_common.errors import FlotillaError, NotFound
from flotilla_common.objects import Obj, encode, meta_of, name_of
from flotilla_hub.api.body import decode_body, media_type_of
from flotilla_hub.api.negotiation import accepted
from flotilla_hub.api.paths import Target
from flotilla_hub.api.status_errors import Denied, failure
from flotilla_hub.resources.resource import Resource

from .shelves import Key

__all__ = ["Answer", "Call", "NoNamespace", "Request", "refusal"]


class NoNamespace(NotFound):
    """The namespace an object is to live in is not there: the Status names it, and not the object."""


class Request(NamedTuple):
    """`path` is without the cluster's prefix."""

    method: str
    path: str
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    """Names in lower case."""
    body: bytes = b""


class Answer(NamedTuple):
    code: int
    body: bytes
    media_type: str = "application/json"


@dataclass(frozen=True)
class Call:
    """A request for a kind that is served."""

    request: Request
    target: Target
    row: Resource
    now: str
    """RFC 3339."""
    shown_as: str = field(init=False)
    """PartialObjectMetadata when only that was asked for."""

    def __post_init__(self) -> None:
        form = accepted(self.request.headers.get("accept", "*/*"))
        object.__setattr__(self, "shown_as", "PartialObjectMetadata" if form.is_metadata else "")

    @property
    def key(self) -> Key:
        return Key(self.target.namespace, self.target.name)

    @property
    def api_version(self) -> str:
        return self.row.gvk(self.target.version).api_version

    @property
    def media_type(self) -> str:
        return media_type_of(self.request.headers.get("content-type", ""))

    @property
    def manager(self) -> str:
        """Who owns the fields that are written."""
        agent = self.request.headers.get("user-agent", "unknown").partition("/")[0]
        return self.request.query.get("fieldManager") or agent

    @property
    def is_dry_run(self) -> bool:
        return self.request.query.get("dryRun") == "All"

    def decoded(self) -> Any:
        """The body. Raises Denied (400, 415)."""
        return decode_body(self.request.body, self.request.headers.get("content-type", ""))

    def submitted(self) -> Obj:
        """The object in the body, with what the path says of it filled in."""
        obj = self.decoded()
        if not isinstance(obj, dict):
            raise Denied(400, "BadRequest", f"the body must be a {self.row.kind}")
        metadata = dict(meta_of(obj))
        if self.target.namespace:
            metadata["namespace"] = self.target.namespace
        if self.target.name:
            metadata["name"] = self.target.name
        return {**obj, "apiVersion": self.api_version, "kind": self.row.kind, "metadata": metadata}

    def details(self, obj: Obj | None = None) -> Obj:
        """What a Status says of the object."""
        return {"name": self.target.name or name_of(obj or {}), "group": self.row.group, "kind": self.row.plural}

    def shown(self, json: bytes, obj: Obj | None = None) -> bytes:
        """The object as it was asked for: whole, or its metadata only."""
        if not self.shown_as:
            return json
        found = obj if obj is not None else decode_body(json, "application/json")
        return encode({"kind": self.shown_as, "apiVersion": "meta.k8s.io/v1", "metadata": found["metadata"]})


def refusal(error: FlotillaError, call: Call | None) -> Answer:
    """`call` is None when the path names nothing that is served."""
    if isinstance(error, NoNamespace):
        details: Obj = {"name": str(error).split('"')[1], "kind": "namespaces"}
    else:
        details = call.details() if call else {}
    status = failure(error, details)
    return Answer(status["code"], encode(status))
