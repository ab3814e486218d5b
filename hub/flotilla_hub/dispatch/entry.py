"""One Work as the hub remembers it, and the headers of its message that say so to a hub that starts.

There is one of these for each Work of each cluster, so what two of them have in common they share.
"""

from dataclasses import dataclass, replace
from sys import intern
from typing import NamedTuple

from flotilla_common.bus import Entry
from flotilla_common.errors import Terminal
from flotilla_common.messages import ObjectReport, WorkMessage, WorkReport
from flotilla_common.objects import decode, encode, meta_of
from flotilla_common.subjects import WORKS, WorkSubject

__all__ = ["BURIED", "NO_ORIGIN", "Told", "WorkEntry", "entry_for", "entry_of", "headers_of", "new_entry", "tombstone"]

DIGEST, ORIGIN, DELETED, PRESERVE = "Flotilla-Digest", "Flotilla-Origin", "Flotilla-Deleted", "Flotilla-Preserve"
ROLLOUT = "Flotilla-Rollout"
NO_ORIGIN = ""
"""The origin of a Work a user wrote."""
BURIED = "work.flotilla.io/buried"
"""Annotation on a tombstone: the revision of the Work it replaces."""


class Told(NamedTuple):
    """What a report says beyond whose it is: often the same in every cluster, and then held once."""

    applied: bool
    reason: str
    message: str
    removed: bool
    objects: list[ObjectReport]


@dataclass(slots=True)
class WorkEntry:
    """Make one with `new_entry`. `origin` names what it was made from: a binding's key, or a namespace's."""

    cluster: str
    work: str
    origin: str
    number: int
    """The digest: half the size of its text."""
    revision: int
    deleted: bool = False
    preserve: bool = False
    """Its objects are to stay in the member when it goes."""
    is_new: bool = True
    """Nothing was known under its name before, and nobody has reported on it."""
    version: int = 0
    """`Works.revision` at its last change: the resourceVersion people see."""
    told: Told | None = None
    at: float = 0.0
    """Of the report, by the agent's clock."""
    about: str | None = None
    """The digest the report is on; None for the one that was published last."""
    rollout: str = ""
    """See `WorkMessage.rollout`."""

    @property
    def subject(self) -> WorkSubject:
        return WorkSubject(self.cluster, self.work)

    @property
    def digest(self) -> str:
        return f"{self.number:032x}"

    @property
    def report(self) -> WorkReport | None:
        """The last one its agent made, put together anew at each call."""
        told = self.told
        if told is None:
            return None
        digest = self.digest if self.about is None else self.about
        return WorkReport(self.cluster, self.work, digest, *told[:3], told.removed, told.objects, self.at)

    @property
    def is_answered(self) -> bool:
        """A tombstone whose agent has removed what the Work applied."""
        return self.deleted and self.told is not None and self.told.removed and self.about is None

    def take(self, report: WorkReport, like: "WorkEntry | None") -> None:
        """`report` is what is known from now on. What `like`, a sibling, was told in the same words is shared."""
        told = Told(report.applied, report.reason, report.message, report.removed, report.objects)
        same = like.told if like is not None else None
        self.told = same if same == told else told._replace(objects=[_lean(said) for said in told.objects])
        self.at = report.at
        self.about = None if report.digest == self.digest else report.digest

    def inherit(self, before: "WorkEntry") -> None:
        """`before` was under the same name: what was told of it is the last that is known of this one."""
        self.is_new = False
        if before.told is None:
            return
        self.told, self.at = before.told, before.at
        about = before.digest if before.about is None else before.about
        self.about = None if about == self.digest else about


def new_entry(
    subject: WorkSubject, digest: str, revision: int, origin: str, *, deleted: bool, preserve: bool, rollout: str = ""
) -> WorkEntry:
    """Its names are those of every other entry that has them. Raises ValueError for what is no digest."""
    cluster, work = map(intern, subject)
    named = WorkEntry(cluster, work, intern(origin), int(digest, 16), revision, deleted, preserve)
    named.rollout = intern(rollout)  # often the same in every cluster
    return named


def entry_for(message: WorkMessage, revision: int, origin: str) -> WorkEntry:
    """Of one we have sent."""
    flags = {"deleted": message.deleted, "preserve": message.preserve}
    subject = WorkSubject(message.cluster, message.name)
    return new_entry(subject, message.digest(), revision, origin, **flags, rollout=message.rollout)


def headers_of(message: WorkMessage, origin: str) -> dict[str, str]:
    """What a hub that starts needs to know without reading bodies."""
    headers = {DIGEST: message.digest(), ORIGIN: origin, **({ROLLOUT: message.rollout} if message.rollout else {})}
    flags = {DELETED: message.deleted, PRESERVE: message.preserve}
    return headers | {name: "true" for name, holds in flags.items() if holds}


def entry_of(entry: Entry) -> WorkEntry:
    """The inverse, of a stored message. Raises Terminal when no hub wrote it."""
    headers = entry.headers
    flags = {"deleted": headers.get(DELETED) == "true", "preserve": headers.get(PRESERVE) == "true"}
    subject, origin = WorkSubject.parse(entry.subject), headers.get(ORIGIN, NO_ORIGIN)
    try:
        return new_entry(subject, headers[DIGEST], entry.revision, origin, **flags, rollout=headers.get(ROLLOUT, ""))
    except (KeyError, ValueError) as err:
        raise Terminal(
            f"{entry.subject} in {WORKS.name} carries no {DIGEST}: no Flotilla hub wrote it; purge it"
        ) from err


def tombstone(entry: WorkEntry, was: WorkMessage | None) -> WorkMessage:
    """Unlike any other, also of the same Work: an answer to an earlier one must not pass for an answer to this.

    It names the objects of the Work it replaces, for an agent that lost its journal, and says nothing more of them.
    """
    meta = encode({"annotations": {BURIED: str(entry.revision)}})
    named = [_named(manifest) for manifest in was.manifests] if was is not None else []
    return WorkMessage(*entry.subject, manifests=named, meta=meta, deleted=True, preserve=entry.preserve)


def _named(manifest: bytes) -> bytes:
    obj = decode(manifest)
    metadata = {key: value for key, value in meta_of(obj).items() if key in ("name", "namespace")}
    return encode({"apiVersion": obj.get("apiVersion"), "kind": obj.get("kind"), "metadata": metadata})


def _lean(said: ObjectReport) -> ObjectReport:
    """Few words make up all reports: each is held once."""
    words = {word: intern(getattr(said, word)) for word in ("api_version", "kind", "namespace", "name", "health")}
    return replace(said, **words)  # type: ignore[arg-type]  # each of them is text
