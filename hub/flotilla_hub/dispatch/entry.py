"""One Work as the hub remembers it, and the headers of its message that say so to a hub that starts."""

from dataclasses import dataclass

from flotilla_common.bus import Entry
from flotilla_common.errors import Terminal
from flotilla_common.messages import WorkMessage, WorkReport
from flotilla_common.objects import decode, encode, meta_of
from flotilla_common.subjects import WORKS, WorkSubject

__all__ = ["BURIED", "NO_ORIGIN", "WorkEntry", "entry_of", "headers_of", "tombstone"]

DIGEST, ORIGIN, DELETED, PRESERVE = "Flotilla-Digest", "Flotilla-Origin", "Flotilla-Deleted", "Flotilla-Preserve"
NO_ORIGIN = ""
"""The origin of a Work a user wrote."""
BURIED = "work.flotilla.io/buried"
"""Annotation on a tombstone: the revision of the Work it replaces."""


@dataclass(slots=True)
class WorkEntry:
    """One Work as the hub remembers it. `origin` names what it was made from: a binding's key, or a namespace's."""

    digest: str
    revision: int
    origin: str
    deleted: bool = False
    preserve: bool = False
    """Its objects are to stay in the member when it goes."""
    report: WorkReport | None = None
    version: int = 0
    """`Works.revision` at its last change: the resourceVersion people see."""

    @property
    def is_answered(self) -> bool:
        """A tombstone whose agent has removed what the Work applied."""
        report = self.report
        return self.deleted and report is not None and report.removed and report.digest == self.digest


def headers_of(message: WorkMessage, origin: str) -> dict[str, str]:
    """What a hub that starts needs to know without reading bodies."""
    headers = {DIGEST: message.digest(), ORIGIN: origin}
    flags = {DELETED: message.deleted, PRESERVE: message.preserve}
    return headers | {name: "true" for name, holds in flags.items() if holds}


def entry_of(entry: Entry) -> WorkEntry:
    """The inverse, of a stored message. Raises Terminal when no hub wrote it."""
    headers = entry.headers
    if DIGEST not in headers:
        raise Terminal(f"{entry.subject} in {WORKS.name} carries no {DIGEST}: no Flotilla hub wrote it; purge it")
    deleted, preserve = (headers.get(flag) == "true" for flag in (DELETED, PRESERVE))
    return WorkEntry(headers[DIGEST], entry.revision, headers.get(ORIGIN, NO_ORIGIN), deleted, preserve)


def tombstone(subject: WorkSubject, entry: WorkEntry, was: WorkMessage | None) -> WorkMessage:
    """Unlike any other, also of the same Work: an answer to an earlier one must not pass for an answer to this.

    It names the objects of the Work it replaces, for an agent that lost its journal, and says nothing more of them.
    """
    meta = encode({"annotations": {BURIED: str(entry.revision)}})
    named = [_named(manifest) for manifest in was.manifests] if was is not None else []
    return WorkMessage(*subject, manifests=named, meta=meta, deleted=True, preserve=entry.preserve)


def _named(manifest: bytes) -> bytes:
    obj = decode(manifest)
    metadata = {key: value for key, value in meta_of(obj).items() if key in ("name", "namespace")}
    return encode({"apiVersion": obj.get("apiVersion"), "kind": obj.get("kind"), "metadata": metadata})
