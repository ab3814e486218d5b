"""What differs between an object before and after an event, as the controllers ask it. Pure, and decoded once for all.

Every controller hears of every event; what it only compares it reads here, and leaves as it is.
"""

from collections import deque
from typing import NamedTuple

from pydantic import ValidationError

from flotilla_common.objects import Obj

from ..detector.claim import released
from ..model.cluster import Cluster
from ..status.aggregate import expected_clusters
from ..store.objects import Event, Record

__all__ = [
    "ClusterChange",
    "changed_beyond_status",
    "changed_for_members",
    "cluster_change",
    "is_write_of",
    "placement_may_change",
    "spec_changed",
    "targets_changed",
]


_read: deque[tuple[Record, Cluster | None]] = deque(maxlen=2)
"""Of the event under way, which four controllers ask about: what a cluster serves takes longest to read."""


class ClusterChange(NamedTuple):
    """None for what was not there, or cannot be read."""

    before: Cluster | None
    after: Cluster | None


def cluster_change(event: Event) -> ClusterChange:
    """`event` is one of a Cluster."""
    after = None if event.type == "DELETED" else _cluster(event.record)
    return ClusterChange(_cluster(event.old), after)


def placement_may_change(event: Event) -> bool:
    """Whether a Cluster differs in what the scheduler or an override may read of it.

    Its conditions count only through the taints that follow from them, and its free resources move all the time.
    """
    if event.old is None or event.type == "DELETED":
        return True
    return _read_of_cluster(event.old.seen()) != _read_of_cluster(event.record.seen())


def spec_changed(event: Event) -> bool:
    """Whether a binding differs in what it asks; its status, which is written several times, asks nothing."""
    if event.old is None:
        return True
    old, new = event.old.seen(), event.record.seen()
    return bool(old.get("spec") != new.get("spec") or old["metadata"].get("labels") != new["metadata"].get("labels"))


def targets_changed(event: Event) -> bool:
    """Whether a binding differs in where it is to be; a new one does when it is to be anywhere."""
    old = expected_clusters(event.old.seen()) if event.old is not None else frozenset()
    return old != expected_clusters(event.record.seen())


def changed_beyond_status(event: Event) -> bool:
    """Whether anything a member would see differs: not the status, not the bookkeeping of the store."""
    return event.old is None or _visible(event.old.seen()) != _visible(event.record.seen())


def changed_for_members(event: Event) -> bool:
    """Whether a template differs in what goes to members: its claim is not of that, Works have it from the binding."""
    if not changed_beyond_status(event):
        return False
    return event.old is None or _visible(_unclaimed(event.old)) != _visible(_unclaimed(event.record))


def is_write_of(event: Event, written: Obj) -> bool:
    """Whether the event shows just what was written, so that whoever wrote it has no more to do."""
    return _unversioned(event.record.seen()) == _unversioned(written)


def _cluster(record: Record | None) -> Cluster | None:
    if record is None:
        return None
    for known, cluster in _read:
        if known is record:
            return cluster
    _read.append((record, _readable(record)))
    return _read[-1][1]


def _readable(record: Record) -> Cluster | None:
    try:
        return Cluster.of(record.seen())
    except (ValidationError, AttributeError, KeyError, TypeError, ValueError):
        return None  # the lenses say so, and leave it out


def _read_of_cluster(cluster: Obj) -> tuple[object, ...]:
    metadata, status = cluster.get("metadata") or {}, cluster.get("status") or {}
    return cluster.get("spec"), metadata.get("labels"), metadata.get("deletionTimestamp"), status.get("apiEnablements")


def _unclaimed(record: Record) -> Obj:
    obj = released(record.seen()) or record.seen()
    # The last mark that goes leaves an empty map behind: as good as none.
    return {**obj, "metadata": {k: v for k, v in obj["metadata"].items() if v or k not in ("labels", "annotations")}}


def _unversioned(obj: Obj) -> Obj:
    return {**obj, "metadata": {k: v for k, v in (obj.get("metadata") or {}).items() if k != "resourceVersion"}}


def _visible(obj: Obj) -> Obj:
    metadata = {k: v for k, v in (obj.get("metadata") or {}).items() if k not in ("resourceVersion", "managedFields")}
    return {**obj, "metadata": metadata, "status": None}
