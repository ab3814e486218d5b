"""What becomes of one template's objects in each member, from the Works before and after: the rows of a plan."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from flotilla_common.labels import MANAGED, MANAGED_ANNOTATIONS, MANAGED_LABELS, TEMPLATE_GENERATION, TEMPLATE_UID
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import Obj, decode

from ..labels import BINDING_MARKS, CLUSTER_BINDING_MARKS, CLUSTER_POLICY_MARKS, POLICY_MARKS
from .diff import difference
from .state import Identity
from .values import Answer, Change, Named

__all__ = ["VERBS", "Row", "Sides", "compared", "paired"]

VERBS = ("DELETE", "MOVE", "RELEASE", "UPDATE", "CREATE", "KEEP")
"""In the order of a plan: what takes something away comes first. RELEASE: the object stays, the hub lets go of it."""

_OURS = frozenset(
    (
        MANAGED,
        MANAGED_ANNOTATIONS,
        MANAGED_LABELS,
        TEMPLATE_GENERATION,
        TEMPLATE_UID,
        *(
            key
            for marks in (POLICY_MARKS, CLUSTER_POLICY_MARKS)
            for key in (marks.permanent_id, *marks.annotation_keys)
        ),
        *(m.permanent_id for m in (BINDING_MARKS, CLUSTER_BINDING_MARKS)),
    )
)
"""Labels and annotations we keep books with; that they change is told in one word."""


class Row(Answer):
    """One object in one member. `replicas` is what the cluster would run, of what counts replicas; `source` is the
    cluster a MOVE leaves.
    """

    verb: str
    cluster: str
    object: Named
    source: str = ""
    replicas: int | None = None
    changes: tuple[Change, ...] = ()
    note: str = ""

    @property
    def is_removal(self) -> bool:
        return self.verb in ("DELETE", "MOVE")

    @property
    def order(self) -> tuple[int, str, str, str, str]:
        named = self.object
        return VERBS.index(self.verb), named.namespace, named.kind, named.name, self.cluster


class Sides(NamedTuple):
    """The Work of one cluster before and after; None for none. `is_reachable`: the cluster is Ready now; `is_leaving`:
    it would be no member any more.
    """

    before: WorkMessage | None
    after: WorkMessage | None
    is_reachable: bool = True
    is_leaving: bool = False


def compared(cluster: str, sides: Sides) -> list[Row]:
    before, after = _manifests(sides.before), _manifests(sides.after)
    rows = [_gone(cluster, before[i], sides) for i in before if i not in after]
    rows += [_new(cluster, after[i], sides) for i in after if i not in before]
    return rows + [_kept(cluster, before[i], after[i], sides) for i in after if i in before]


def paired(rows: Sequence[Row]) -> list[Row]:
    """An object that goes in one cluster and comes in another moves; of several, the first pairs with the first."""
    going = [row for row in rows if row.verb == "DELETE"]
    coming = [row for row in rows if row.verb == "CREATE"]
    moved: list[Row] = []
    for gone in going:
        new = next((row for row in coming if row.object == gone.object), None)
        if new is not None:
            coming.remove(new)
            moved.append(new.model_copy(update={"verb": "MOVE", "source": gone.cluster, "note": new.note or gone.note}))
    sources = {(row.object, row.source) for row in moved}
    targets = {(row.object, row.cluster) for row in moved}
    rest = [
        row
        for row in rows
        if not (row.verb == "DELETE" and (row.object, row.cluster) in sources)
        and not (row.verb == "CREATE" and (row.object, row.cluster) in targets)
    ]
    return moved + rest


def _manifests(message: WorkMessage | None) -> dict[Identity, Obj]:
    manifests = (decode(manifest) for manifest in (message.manifests if message else ()))
    return {Identity.of(manifest): manifest for manifest in manifests}


def _gone(cluster: str, manifest: Obj, sides: Sides) -> Row:
    verb, note = "DELETE", "" if sides.is_reachable else "the cluster does not answer: it goes when its agent is back"
    if sides.is_leaving and not sides.is_reachable:
        verb, note = "RELEASE", "the cluster does not answer and is forgotten: it stays there"
    elif sides.before is not None and sides.before.preserve:
        verb, note = "RELEASE", "preserveResourcesOnDeletion: it stays there, no longer managed"
    return Row(verb=verb, cluster=cluster, object=Named.of(manifest), note=note)


def _new(cluster: str, manifest: Obj, sides: Sides) -> Row:
    return Row(
        verb="CREATE",
        cluster=cluster,
        object=Named.of(manifest),
        replicas=_replicas(manifest),
        note=_held_back(sides),
    )


def _kept(cluster: str, before: Obj, after: Obj, sides: Sides) -> Row:
    found = (*difference(before, after), *_flags(sides))
    changes = tuple(change for change in found if not _is_ours(change))
    verb = "UPDATE" if found else "KEEP"
    note = _held_back(sides) or ("only marks of the hub's own change" if found and not changes else "")
    replicas = _replicas(after)
    return Row(verb=verb, cluster=cluster, object=Named.of(after), replicas=replicas, changes=changes, note=note)


def _flags(sides: Sides) -> Iterable[Change]:
    """What a Work says beside its manifests."""
    if sides.before is None or sides.after is None:
        return
    pairs = {
        "suspendDispatching": (sides.before.suspended, sides.after.suspended),
        "preserveResourcesOnDeletion": (sides.before.preserve, sides.after.preserve),
    }
    for path, (before, after) in pairs.items():
        if before != after:
            yield Change(path=f"(work) {path}", before=before, after=after)


def _held_back(sides: Sides) -> str:
    if sides.after and sides.after.suspended:
        return "suspended: the cluster gets it when dispatching resumes"
    # What the cluster has from before it was suspended is nowhere on the hub.
    return (
        "dispatching resumes: what was held back meanwhile arrives" if sides.before and sides.before.suspended else ""
    )


def _is_ours(change: Change) -> bool:
    path = change.path
    if not path.startswith(("metadata.labels[", "metadata.annotations[")):
        return False
    return path.split("[", 1)[1].removesuffix("]") in _OURS


def _replicas(manifest: Obj) -> int | None:
    found = (manifest.get("spec") or {}).get("replicas") if isinstance(manifest.get("spec"), dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None
