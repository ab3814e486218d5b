"""An object as the watch cache holds it: the JSON of the wire, with its resourceVersion spliced in. Pure."""

from typing import Literal, NamedTuple

from flotilla_common.objects import Obj, decode

from .port import Key

__all__ = ["Event", "Record", "version_field", "with_revision"]

EventType = Literal["ADDED", "MODIFIED", "DELETED"]
_METADATA = b'"metadata":{'


class Record(NamedTuple):
    """One object at one revision; `json` carries its resourceVersion."""

    key: Key
    revision: int
    json: bytes

    def obj(self) -> Obj:
        """A copy of the caller's own."""
        decoded: Obj = decode(self.json)
        return decoded

    @classmethod
    def of(cls, key: Key, revision: int, body: bytes) -> "Record":
        return cls(key, revision, with_revision(body, revision))


class Event(NamedTuple):
    """A change and the object after it; for DELETED the object as it last was, at the revision of its deletion.

    `old` is the object before, None for ADDED.
    """

    type: EventType
    record: Record
    old: Record | None = None


def with_revision(body: bytes, revision: int) -> bytes:
    """`body` with `metadata.resourceVersion` first in its metadata.

    `objects.body_of` puts apiVersion and kind before metadata, and neither can hold a quote, so the first match is the
    object's own metadata.
    """
    at = body.index(_METADATA) + len(_METADATA)
    return b"".join((body[:at], version_field(revision), body[at:]))


def version_field(revision: int) -> bytes:
    """The field as it stands in the JSON, with the comma that follows."""
    return b'"resourceVersion":"%d",' % revision
