"""An object as the watch cache holds it: the JSON of the wire, with its resourceVersion spliced in. Pure.

One that has not changed for a while is held compressed: objects of a kind look alike, so another of its kind is the
dictionary, and a binding shrinks to a twentieth. Nobody who reads one can tell.
"""

import zlib
from typing import Literal, NamedTuple

from flotilla_common.objects import Obj, decode

from .port import Key
from .recent import Recent

__all__ = ["Event", "Record", "version_field", "with_revision"]

EventType = Literal["ADDED", "MODIFIED", "DELETED"]
_METADATA = b'"metadata":{'
_recent = Recent()


class Record:
    """One object at one revision; `json` carries its resourceVersion."""

    __slots__ = ("_body", "_like", "_seen", "key", "revision", "size")

    def __init__(self, key: Key, revision: int, json: bytes) -> None:
        self.key = key
        self.revision = revision
        self.size = len(json)
        """Bytes of `json`."""
        self._body = json
        self._like: bytes | None = None
        self._seen: Obj | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        return (self.key, self.revision, self.json) == (other.key, other.revision, other.json)

    __hash__ = None  # type: ignore[assignment]  # as a list: it is compared by what it holds

    def __repr__(self) -> str:
        return f"Record({self.key}, {self.revision}, {self.json!r})"

    @property
    def json(self) -> bytes:
        if self._like is None:
            return self._body
        return zlib.decompressobj(zdict=self._like).decompress(self._body)

    def obj(self) -> Obj:
        """A copy of the caller's own."""
        decoded: Obj = decode(self.json)
        return decoded

    def seen(self) -> Obj:
        """The object, shared by all who only look at it: never changed."""
        if self._seen is None:
            self._seen = self.obj()
            _recent.keep(self)
        return self._seen

    def forget(self) -> None:
        """Let go of the shared form; the next who looks decodes it again."""
        self._seen = None

    def cool(self, like: bytes) -> None:
        """Hold it compressed from now on. `like`: another object, kept for as long as this one is."""
        if self._like is None:
            self.forget()
            packer = zlib.compressobj(1, zdict=like)
            self._body, self._like = packer.compress(self._body) + packer.flush(), like

    def deleted(self, revision: int) -> "Record":
        """The object as it last was, at the revision of its deletion."""
        return Record(self.key, revision, self.json.replace(version_field(self.revision), version_field(revision), 1))

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
