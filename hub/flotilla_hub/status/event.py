"""Kubernetes Events of the hub: what one looks like when something happens first, and when it happens again. Pure."""

from dataclasses import dataclass
from hashlib import blake2b
from math import inf
from typing import Any, Literal, Self
from uuid import UUID

from flotilla_common.objects import Obj, meta_of, name_of, namespace_of
from flotilla_common.times import seconds_since

__all__ = ["MESSAGE_LIMIT", "Note", "Severity", "event_after", "is_outdated"]

Severity = Literal["Normal", "Warning"]

MESSAGE_LIMIT = 1024
"""Characters: what Kubernetes allows in the message of an Event."""

_COMPONENT = "flotilla-hub"


@dataclass(frozen=True, slots=True)
class Note:
    """That something happened to an object. Equal ones are the same Event, counted."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str
    severity: Severity
    reason: str
    message: str

    @classmethod
    def of(cls, obj: Obj, severity: Severity, reason: str, message: str) -> Self:
        meta = meta_of(obj)
        about = (obj.get("apiVersion", ""), obj.get("kind", ""), namespace_of(obj), name_of(obj), meta.get("uid", ""))
        return cls(*about, severity, reason, message[:MESSAGE_LIMIT])

    @property
    def where(self) -> str:
        """The namespace of the Event: what belongs to no namespace is told of in `default`, as Kubernetes does."""
        return self.namespace or "default"

    @property
    def event_uid(self) -> str:
        """The same for the same note, also after a restart: an Event is never told twice side by side."""
        parts = (self.kind, self.namespace, self.name, self.uid, self.severity, self.reason, self.message)
        return str(UUID(bytes=blake2b(chr(0).join(parts).encode(), digest_size=16).digest()))

    @property
    def event_name(self) -> str:
        return f"{self.name}.{self.event_uid.replace('-', '')[:16]}"

    def involved(self) -> dict[str, str]:
        found = {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "namespace": self.namespace,
            "name": self.name,
            "uid": self.uid,
        }
        return {field: value for field, value in found.items() if value}


def event_after(existing: Obj | None, note: Note, times: int, now: str) -> Obj:
    """The Event once `note` was made `times` more; `existing` is how it is stored, if it is."""
    if existing is not None:
        return {**existing, "count": int(existing.get("count") or 1) + times, "lastTimestamp": now}
    event: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": note.event_name, "namespace": note.where},
        "involvedObject": note.involved(),
        "reason": note.reason,
        "message": note.message,
        "type": note.severity,
        "source": {"component": _COMPONENT},
        "reportingComponent": _COMPONENT,
        "reportingInstance": "",
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": times,
    }
    return event


def is_outdated(event: Obj, now: str, ttl: float) -> bool:
    """`ttl`: seconds after which what happened is forgotten; one without a time is."""
    last = event.get("lastTimestamp") or event.get("eventTime") or meta_of(event).get("creationTimestamp")
    return seconds_since(last, now, unreadable=inf) > ttl
