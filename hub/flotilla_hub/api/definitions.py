"""What deleting a CustomResourceDefinition does to the objects of its kind: they go first, as any object goes.

Removing the definition itself is removal.py's.
"""

import contextlib
from collections.abc import Iterable

from flotilla_common.errors import Forbidden, NotFound
from flotilla_common.objects import meta_of
from flotilla_hub.admission.lifecycle import deletion
from flotilla_hub.admission.protection import PROTECTED, is_protected
from flotilla_hub.resources.builtin import is_built_in
from flotilla_hub.store.objects import Record

from .call import Call
from .status_errors import Denied

__all__ = ["listed", "remove_instances"]

_SHOWN = 5


async def remove_instances(call: Call, resource: str, *, is_dry_run: bool = False) -> None:
    """Without their definition nobody could see or delete them.

    Raises Forbidden before anything is deleted when one is protected, and Denied (409) when finalizers hold some: those
    are marked as being deleted, and the definition can go when they are gone. Objects of a kind that the hub has built
    in are not the definition's.
    """
    if is_built_in(resource):
        return
    records = call.deps.objects.list(resource).items
    if protected := [r for r in records if is_protected(r.obj())]:
        why = f"these are protected from deletion: {listed(protected)}; remove their label {PROTECTED} first"
        raise Forbidden(f'{call.resource.key} "{resource}" is forbidden: {why}')
    if is_dry_run:
        return
    if held := [record for record in records if await _is_held(call, record)]:
        why = f"finalizers hold {listed(held)}; delete the definition again when they are gone"
        raise Denied(409, "Conflict", f'Operation cannot be fulfilled on {call.resource.key} "{resource}": {why}')


async def _is_held(call: Call, record: Record) -> bool:
    """Deletes one object, or marks it when something holds it. Raises Conflict when another write came first."""
    objects, old = call.deps.objects, record.obj()
    marked = deletion(old, call.deps.now())
    # Someone else may delete it first, which is what was asked for.
    with contextlib.suppress(NotFound):
        if marked is None:
            await objects.delete(record.key, record.revision)
        elif meta_of(old).get("deletionTimestamp") is None:
            await objects.update(record.key, marked)
        return marked is not None
    return False


def listed(records: Iterable[Record]) -> str:
    """The first few by name, and how many more."""
    names = ["/".join(filter(None, (r.key.namespace, r.key.name))) for r in records]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
