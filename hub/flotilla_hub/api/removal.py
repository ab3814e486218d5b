"""The deleting verbs: delete and deletecollection, with preconditions, finalizers and Karmada's deletion protection."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from flotilla_common.errors import Conflict, Forbidden, NotFound
from flotilla_common.objects import Obj, encode, labels_of, meta_of
from flotilla_hub.admission.lifecycle import deletion
from flotilla_hub.resources.registry import CRDS
from flotilla_hub.store.objects import Record
from flotilla_hub.store.port import Key

from .answers import answer
from .call import Call
from .reads import selected, stored
from .selectors import selection
from .status_errors import Denied, success

__all__ = ["PROTECTED", "delete", "delete_collection"]

PROTECTED = "resourcetemplate.karmada.io/deletion-protected"
_TRIES = 8


async def delete(call: Call) -> Response:
    options = _options(call)
    record = await stored(call)
    gone, obj = await _remove(call, record, options)
    if not gone:
        return answer(call, obj)
    details = {**call.details(), "uid": meta_of(obj).get("uid")}
    return Response(encode(success(details)), media_type="application/json")


async def delete_collection(call: Call) -> Response:
    options = _options(call)
    chosen = selection(call.query.get("labelSelector", ""), call.query.get("fieldSelector", ""))
    listing = await call.storage.list(call.resource.key, call.target.namespace)
    for record in selected(listing.items, chosen):
        await _remove(call, record, options)
    return Response(encode(success(call.details())), media_type="application/json")


def _options(call: Call) -> Mapping[str, Any]:
    """The DeleteOptions in the body, if any. How dependents fare is the garbage collector's to decide."""
    options = call.decoded() if call.body else {}
    if not isinstance(options, dict):
        raise Denied(400, "BadRequest", "the body of a deletion must be DeleteOptions")
    return options


async def _remove(call: Call, record: Record, options: Mapping[str, Any]) -> tuple[bool, Obj]:
    """Whether it is gone, and the object as it last was."""
    for left in reversed(range(_TRIES)):
        try:
            return await _remove_once(call, record, options)
        except Conflict:
            newer = await call.storage.get(record.key)
            if newer is None:
                return True, record.obj()
            if not left:
                raise
            record = newer
    raise AssertionError("unreachable")


async def _remove_once(call: Call, record: Record, options: Mapping[str, Any]) -> tuple[bool, Obj]:
    old = record.obj()
    _require_preconditions(record.key, old, options.get("preconditions") or {})
    _refuse_protected(old)
    marked = deletion(old, call.deps.now())
    if call.is_dry_run or options.get("dryRun"):
        return marked is None, marked or old
    if marked is not None:
        return False, old if marked == old else await call.storage.update(record.key, marked)
    if call.resource.key == CRDS:
        await _remove_instances(call, record.key.name)
    try:
        await call.storage.delete(record.key, record.revision)
    except NotFound:
        # Someone else deleted it first, which is what was asked for.
        return True, old
    return True, old


def _require_preconditions(key: Key, obj: Obj, wanted: Mapping[str, Any]) -> None:
    for field in ("uid", "resourceVersion"):
        held = meta_of(obj).get(field)
        if wanted.get(field) and wanted[field] != held:
            message = f"the {field} in the precondition ({wanted[field]}) does not match the object's ({held})"
            raise Denied(409, "Conflict", f'Operation cannot be fulfilled on {key.resource} "{key.name}": {message}')


def _refuse_protected(obj: Obj) -> None:
    if labels_of(obj).get(PROTECTED) == "Always":
        raise Forbidden(f"This resource is protected, please make sure to remove the label: {PROTECTED}")


async def _remove_instances(call: Call, resource: str) -> None:
    """The objects of a definition go before it: without it nobody could see or delete them."""
    objects = call.deps.objects
    for record in objects.list(resource).items:
        await objects.delete(record.key)
