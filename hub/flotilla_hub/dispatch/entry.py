"""One Work as the hub remembers it, and the headers of its message that say so to a hub that starts."""

from dataclasses import dataclass

from flotilla_common.bus import Entry
from flotilla_common.errors import Terminal
from flotilla_common.messages import WorkMessage, WorkReport
from flotilla_common.subjects import WORKS

__all__ = ["NO_ORIGIN", "WorkEntry", "entry_of", "headers_of"]

DIGEST, ORIGIN, DELETED, PRESERVE = "Flotilla-Digest", "Flotilla-Origin", "Flotilla-Deleted", "Flotilla-Preserve"
NO_ORIGIN = ""
"""The origin of a Work a user wrote."""


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
