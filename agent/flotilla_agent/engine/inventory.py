"""What one Work has applied: the only objects the agent may ever delete. Pure; `journal` keeps it on disk."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from flotilla_common.objects import Ref

__all__ = ["Entry", "Identity", "Inventory", "identity", "intent", "stale"]


class Identity(NamedTuple):
    """What makes two refs one object: the version of the API it is read through does not."""

    group: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One applied object: `digest` of the manifest it was made from, `fingerprint` of how the cluster then held it.

    All are empty in an *intent*, noted before the first write, so that an agent that dies in it knows what to look for.
    """

    ref: Ref
    uid: str
    digest: str
    fingerprint: str


Inventory = dict[Identity, Entry]


def identity(ref: Ref) -> Identity:
    return Identity(ref.gvk.group, ref.gvk.kind, ref.namespace, ref.name)


def intent(ref: Ref) -> Entry:
    """The object may be in the cluster, and if it is and names our Work, it is ours."""
    return Entry(ref, "", "", "")


def stale(inventory: Inventory, wanted: Iterable[Ref]) -> list[Entry]:
    """The entries no wanted object stands for: applied before, and gone from the Work."""
    kept = {identity(ref) for ref in wanted}
    return [entry for key, entry in inventory.items() if key not in kept]
