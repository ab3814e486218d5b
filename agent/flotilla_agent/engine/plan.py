"""What must be done to a cluster so that it holds one Work: a list of steps, decided from plain data. Pure.

`engine` reads the cluster before and carries the steps out after. What we did not apply we never delete, and what a
user made by hand we never touch, unless the manifest says `work.karmada.io/conflict-resolution: overwrite`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flotilla_common import labels
from flotilla_common.errors import FieldError, Invalid
from flotilla_common.kinds import retain
from flotilla_common.messages import WorkMessage, digest_of
from flotilla_common.objects import GVK, Obj, Ref, annotations_of, copy_of, decode, labels_of, meta_of, ref_of

from .difference import difference, fingerprint
from .inventory import Entry, Identity, Inventory, identity, intent, stale
from .order import rank, removal_rank

__all__ = [
    "Step",
    "Verb",
    "Wanted",
    "entry_of",
    "intents",
    "is_ours",
    "is_untouched",
    "kinds_of",
    "marks_of",
    "plan",
    "read",
]

_EXECUTION_NAMESPACE = "karmada-es-"
_DOMAIN = "karmada.io"


class Verb(StrEnum):
    """What a step does. Only create, update, delete and release write to the cluster."""

    CREATE = "create"
    UPDATE = "update"
    KEEP = "keep"
    DELETE = "delete"
    RELEASE = "release"
    """Leave the object, without our marks."""
    FORGET = "forget"
    """Strike it off the inventory: it is gone, or no longer ours."""
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One manifest of a Work, with our marks on it; `digest` is that of the bytes it came as."""

    ordinal: int
    ref: Ref
    obj: Obj
    digest: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `obj` is what to apply, `live` what was found, `wanted` the manifest (None when removing)."""

    verb: Verb
    ref: Ref
    wanted: Wanted | None = None
    obj: Obj | None = None
    live: Obj | None = None
    uid: str = ""
    why: str = ""
    is_ours: bool = True
    """Whether the object goes into the inventory."""
    is_new: bool = False
    """Whether the inventory has yet to hear of it."""


def read(message: WorkMessage) -> tuple[Wanted, ...]:
    """The manifests of a Work, in its order. Raises Invalid when one is no Kubernetes object."""
    return tuple(_wanted(message, ordinal, data) for ordinal, data in enumerate(message.manifests))


def intents(wanted: Iterable[Wanted]) -> Inventory:
    """An inventory of what may be in the cluster: each is ours only if it says so itself."""
    return {identity(item.ref): intent(item.ref) for item in wanted}


def kinds_of(message: WorkMessage) -> list[GVK]:
    """The kinds of a Work's manifests; of one that is no Kubernetes object, nothing."""
    try:
        return [item.ref.gvk for item in read(message)]
    except Invalid:
        return []


def plan(
    work: str,
    wanted: Sequence[Wanted],
    live: Mapping[Identity, Obj | None],
    inventory: Inventory,
    *,
    preserve: bool = False,
) -> tuple[Step, ...]:
    """The steps, in the order to take them. `live` has every object of `wanted` and of `inventory`.

    `preserve`: what goes out of the Work stays in the cluster, without our marks.
    """
    applies = [_apply(item, live[identity(item.ref)], inventory.get(identity(item.ref))) for item in wanted]
    removals = [
        _remove(work, entry, live[identity(entry.ref)], preserve)
        for entry in stale(inventory, (item.ref for item in wanted))
    ]
    applies.sort(key=lambda step: rank(step.ref.gvk))
    removals.sort(key=lambda step: removal_rank(step.ref.gvk))
    return (*applies, *removals)


def is_ours(live: Obj, entry: Entry) -> bool:
    """Whether it is the very object that was applied, and not another that took its name."""
    return bool(meta_of(live).get("uid") == entry.uid)


def is_untouched(item: Wanted, live: Obj, entry: Entry) -> bool:
    """Whether `live` is as our last apply of this very manifest left it, as far as the manifest speaks."""
    return (
        item.digest == entry.digest
        and is_ours(live, entry)
        and fingerprint(retain(item.obj, live), live) == entry.fingerprint
    )


def entry_of(item: Wanted, live: Obj) -> Entry:
    """What the inventory keeps after `item` was applied and the cluster answered `live`."""
    uid = str(meta_of(live).get("uid") or "")
    return Entry(item.ref, uid, item.digest, fingerprint(retain(item.obj, live), live))


def marks_of(live: Obj) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys of the labels, and of the annotations, that speak of Karmada."""
    return tuple(filter(_is_mark, labels_of(live))), tuple(filter(_is_mark, annotations_of(live)))


def _wanted(message: WorkMessage, ordinal: int, data: bytes) -> Wanted:
    where = f"spec.workload.manifests[{ordinal}]"
    try:
        obj = decode(data)
        ref = ref_of(obj)
    except (ValueError, AttributeError) as err:
        raise Invalid(f"Work {message.name}", [FieldError(where, f"is not a JSON object: {err}")]) from err
    if not (ref.gvk.version and ref.gvk.kind and ref.name):
        raise Invalid(f"Work {message.name}", [FieldError(where, "needs apiVersion, kind and metadata.name")])
    return Wanted(ordinal, ref, _marked(obj, message), digest_of(data))


def _marked(decoded: Obj, message: WorkMessage) -> Obj:
    """The manifest with the marks by which we know our objects; `decoded` is nobody else's and may change."""
    meta = decoded["metadata"]
    meta["labels"] = {**(meta.get("labels") or {}), labels.MANAGED: "true"}
    meta["annotations"] = {
        labels.WORK_NAME: message.name,
        labels.WORK_NAMESPACE: _EXECUTION_NAMESPACE + message.cluster,
        **(meta.get("annotations") or {}),
    }
    return decoded


def _apply(item: Wanted, live: Obj | None, entry: Entry | None) -> Step:
    if live is None:
        return Step(Verb.CREATE, item.ref, item, obj=item.obj, is_new=entry is None)
    is_new = entry is None
    if entry is not None and not is_ours(live, entry):
        entry = None
    if not (entry or _is_managed(live) or _may_overwrite(item.obj)):
        return _not_ours(item, live)
    desired = retain(item.obj, live)
    if entry and is_untouched(item, live, entry):
        return Step(Verb.KEEP, item.ref, item, live=live)
    # We applied it and died before the inventory said so.
    if entry is None and _is_managed(live) and not difference(desired, live):
        return Step(Verb.KEEP, item.ref, item, live=live)
    return Step(Verb.UPDATE, item.ref, item, obj=_pinned(desired, live), live=live, is_new=is_new)


def _not_ours(item: Wanted, live: Obj) -> Step:
    # A namespace is a place, and others live in it: we use it, and neither change nor ever remove it.
    if item.ref.gvk.kind == "Namespace" and not item.ref.gvk.group:
        why = "the namespace was there before and is used as it is"
        return Step(Verb.KEEP, item.ref, item, live=live, why=why, is_ours=False)
    why = (
        f"{item.ref} already exists in the cluster and no Work made it, so it is left alone; to take it over, set "
        f"conflictResolution: Overwrite in the policy or the annotation {labels.CONFLICT_RESOLUTION}: overwrite"
    )
    return Step(Verb.REFUSE, item.ref, item, live=live, why=why, is_ours=False)


def _remove(work: str, entry: Entry, live: Obj | None, preserve: bool) -> Step:
    is_intent = not entry.uid
    if live is None or not _is_managed(live) or not (is_intent or is_ours(live, entry)):
        return Step(Verb.FORGET, entry.ref, why="it is gone, or no longer ours")
    owner = annotations_of(live).get(labels.WORK_NAME)
    if owner != work and (owner or is_intent):
        return Step(Verb.FORGET, entry.ref, why="another Work has taken it over")
    return Step(Verb.RELEASE if preserve else Verb.DELETE, entry.ref, live=live, uid=str(meta_of(live).get("uid")))


def _pinned(desired: Obj, live: Obj) -> Obj:
    """`desired`, to be applied to the very object we looked at and to no other that took its name since."""
    pinned = copy_of(desired)
    pinned["metadata"]["uid"] = meta_of(live).get("uid")
    return pinned


def _is_managed(live: Obj) -> bool:
    return labels_of(live).get(labels.MANAGED) == "true"


def _may_overwrite(desired: Obj) -> bool:
    return annotations_of(desired).get(labels.CONFLICT_RESOLUTION) == "overwrite"


def _is_mark(key: str) -> bool:
    domain = key.partition("/")[0]
    return domain == _DOMAIN or domain.endswith(f".{_DOMAIN}")
