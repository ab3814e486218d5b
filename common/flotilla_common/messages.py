"""What travels between hub and agents: msgpack maps with a version, around manifests that stay opaque JSON bytes.

A field a reader does not know is ignored; a version it does not know is refused by name, so neighbouring releases work
together. Digests cover the exact bytes sent: nothing is ever re-encoded to be compared.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from hashlib import blake2b
from typing import Any, ClassVar, Self, TypeVar, get_args, get_origin

import msgpack

from .errors import Terminal

__all__ = [
    "COMPONENTS",
    "REPLICAS",
    "UNSCHEDULABLE",
    "ClusterReport",
    "EstimateAnswer",
    "EstimateRequest",
    "Heartbeat",
    "Message",
    "ObjectReport",
    "UnknownVersion",
    "WorkMessage",
    "WorkReport",
    "digest_of",
    "fold",
]

VERSION = 1

_LATEST = 2.0**36
"""Seconds since the epoch, in the year 4147: what any calendar can still write."""

M = TypeVar("M")


class UnknownVersion(Terminal):
    """The other side is newer than this one can read."""

    reason = "UnknownMessageVersion"


@dataclass(frozen=True, slots=True)
class Message:
    """The codec all messages share: a map of the dataclass's fields, plus `v`."""

    KIND: ClassVar[str]

    def pack(self) -> bytes:
        packed: bytes = msgpack.packb({"v": VERSION, "kind": self.KIND, **_said(self)}, default=_said)
        return packed

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """Raises UnknownVersion, or Terminal when `data` is not such a message: who sent it may be anyone's agent."""
        try:
            body = msgpack.unpackb(data)
            version, kind = body.pop("v"), body.pop("kind")
        except (ValueError, KeyError, TypeError, AttributeError, msgpack.UnpackException) as err:
            raise Terminal(f"not a Flotilla {cls.KIND} message ({len(data)} bytes): {err!r}") from err
        if version != VERSION or kind != cls.KIND:
            raise UnknownVersion(
                f"cannot read a {kind!r} message of version {version!r}, only {cls.KIND!r} of version {VERSION}; "
                "upgrade the hub first, then the agents, one minor release at a time"
            )
        try:
            return _built(cls, body)
        except (ValueError, TypeError) as err:
            raise Terminal(f"not a Flotilla {cls.KIND} message ({len(data)} bytes): {err}") from err


@dataclass(frozen=True, slots=True)
class WorkMessage(Message):
    """One Work for one cluster. With `deleted` it is a tombstone: remove what this Work applied, then say so.

    `manifests` are JSON documents as they are to be applied; `meta` is the Work's own metadata as JSON, for people to
    read on the hub. `cluster` is repeated inside so that an agent refuses what was meant for another.
    """

    KIND: ClassVar[str] = "work"

    cluster: str
    name: str
    manifests: list[bytes] = field(default_factory=list)
    meta: bytes = b"{}"
    suspended: bool = False
    preserve: bool = False
    """Leave the objects in the member when the Work goes, with our marks removed."""
    deleted: bool = False
    rollout: str = ""
    """Which version of the template it carries, where a rolling update asks; the hub's own note, not for agents."""

    def digest(self) -> str:
        """What decides whether two Works are the same: everything in it but the hub's own note."""
        flags = bytes((self.suspended, self.preserve, self.deleted))
        return digest_of(self.meta, flags, *self.manifests)


@dataclass(frozen=True, slots=True)
class ObjectReport:
    """What became of one manifest: `status` is the reflected status as JSON (`b""` for none)."""

    api_version: str
    kind: str
    namespace: str
    name: str
    applied: bool
    message: str = ""
    health: str = "Unknown"
    status: bytes = b""
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class WorkReport(Message):
    """What became of one Work: `digest` says of which version. `removed` answers a tombstone."""

    KIND: ClassVar[str] = "report"

    cluster: str
    work: str
    digest: str
    applied: bool = False
    reason: str = ""
    message: str = ""
    removed: bool = False
    objects: list[ObjectReport] = field(default_factory=list)
    at: float = 0.0
    """Seconds since the epoch on the agent's clock."""


@dataclass(frozen=True, slots=True)
class ClusterReport(Message):
    """The cluster's own status: `status` is the body of Cluster.status as JSON, without the conditions of the hub."""

    KIND: ClassVar[str] = "cluster"

    cluster: str
    agent: str
    """Version of the agent."""
    status: bytes = b"{}"
    at: float = 0.0
    graded: str = ""
    """By which grades its nodes are counted in it (`node_grades.digest_of_grades`)."""


@dataclass(frozen=True, slots=True)
class Heartbeat(Message):
    """Said every few seconds: the agent lives, and this is what it holds.

    `held` and `fold` describe the Works it has received (tombstones included); when they differ from what the hub
    published, a message was lost and the hub asks for a catch-up.
    """

    KIND: ClassVar[str] = "heartbeat"

    cluster: str
    boot: str
    """Chosen at each start of the agent."""
    held: int = 0
    fold: int = 0
    revision: int = 0
    at: float = 0.0


REPLICAS, COMPONENTS, UNSCHEDULABLE = "replicas", "components", "unschedulable"
"""What may be estimated: how many pods fit, how many sets of several kinds of pods, how many pods wait for a node."""


@dataclass(frozen=True, slots=True)
class EstimateRequest(Message):
    """The hub asks one agent. `body` is JSON: `{"replicaRequirements": …}`, `{"components": […]}`, or the workload as
    `{"apiVersion", "kind", "namespace", "name", "threshold"}` with a threshold in seconds.
    """

    KIND: ClassVar[str] = "estimate-request"

    cluster: str
    id: str
    """Comes back with the answer."""
    question: str
    body: bytes = b"{}"
    quotas: bool = False
    """The namespace's ResourceQuotas bound the answer, too."""
    patience: float = 1.0
    """Seconds after which the hub does not listen any more."""


@dataclass(frozen=True, slots=True)
class EstimateAnswer(Message):
    """`value`: -1 when it is not known."""

    KIND: ClassVar[str] = "estimate"

    cluster: str
    id: str
    value: int = -1


def digest_of(*parts: bytes) -> str:
    """32 hex digits over the parts, each with its length, so that no two lists of parts read the same."""
    h = blake2b(digest_size=16)
    for part in parts:
        h.update(len(part).to_bytes(8, "big"))
        h.update(part)
    return h.hexdigest()


def _built(cls: type[M], body: Mapping[str, Any]) -> M:
    """An instance from what was read; fields it does not know are left out. Raises ValueError and TypeError."""
    given = {name: (form, body[name]) for name, form in _forms(cls) if name in body}
    # Nearly all is plainly what it should be; a float is looked at for its range.
    return cls(
        **{n: v if type(v) is form and form is not float else _checked(n, form, v) for n, (form, v) in given.items()}
    )


def _said(message: Any) -> dict[str, Any]:
    return {name: getattr(message, name) for name, _ in _forms(type(message))}


def _look_up(cls: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((f.name, f.type) for f in fields(cls))


_forms: Callable[[Any], tuple[tuple[str, Any], ...]] = cache(_look_up)


def _checked(name: str, form: Any, value: Any) -> Any:
    if get_origin(form) is list:
        if not isinstance(value, list):
            raise TypeError(f"{name} must be a list, not {type(value).__name__}")
        return [_checked(name, get_args(form)[0], item) for item in value]
    if form is ObjectReport and isinstance(value, dict):
        return _built(ObjectReport, value)
    if form is float and type(value) in (int, float) and not 0 <= value < _LATEST:
        raise ValueError(f"{name} must be seconds since the epoch, not {value}")
    if type(value) is not form and not (form is float and type(value) is int):
        raise TypeError(f"{name} must be {form.__name__}, not {type(value).__name__}")
    return value


def fold(name: str, digest: str) -> int:
    """One Work's share of a cluster's digest: 63 bits that are XORed together, so one change costs one step."""
    return int.from_bytes(blake2b(f"{name}\0{digest}".encode(), digest_size=8).digest(), "big") >> 1
