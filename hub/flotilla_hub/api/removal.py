"""The deleting verbs: delete and deletecollection, with preconditions, finalizers and Karmada's deletion protection."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from flotilla_common.errors import Conflict, Forbidden, NotFound
from flotilla_common.objects import Obj, encode, meta_of
from flotilla_hub.admission.lifecycle import deletion
from flotilla_hub.admission.namespace import BOOTSTRAP_NAMESPACES
from flotilla_hub.admission.protection import PROTECTED, REFUSAL, is_protected
from flotilla_hub.names import EXECUTION_PREFIX
from flotilla_hub.resources.registry import CRDS
from flotilla_hub.store.objects import Record
from flotilla_hub.store.port import Key

from .answers import answer
from .call import Call
from .definitions import listed, remove_instances
from .reads import selected, selection_of, stored
from .status_errors import Denied, success

__all__ = ["delete", "delete_collection"]

_TRIES = 8
_PROPAGATIONS = ("Background", "Foreground", "Orphan")


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
    chosen = selection_of(call)
    listing = await call.storage.list(call.resource.key, call.target.namespace)
    for record in selected(listing.items, chosen):
        await _remove(call, record, options)
    return Response(encode(success(call.details())), media_type="application/json")


def _options(call: Call) -> Mapping[str, Any]:
    """The DeleteOptions in the body, if any. How dependents fare is the garbage collector's to decide."""
    options = call.decoded() if call.body else {}
    if not isinstance(options, dict):
        raise Denied(400, "BadRequest", "the body of a deletion must be DeleteOptions")
    if not isinstance(options.get("preconditions"), dict | None):
        raise Denied(400, "BadRequest", "preconditions: Invalid value: must be an object")
    if options.get("dryRun") not in (None, [], ["All"]):
        raise Denied(400, "BadRequest", f'dryRun: Unsupported value: {options["dryRun"]!r}: supported values: "All"')
    for given in (options.get("propagationPolicy"), call.query.get("propagationPolicy")):
        if given not in (None, "", *_PROPAGATIONS):
            known = ", ".join(f'"{name}"' for name in _PROPAGATIONS)
            why = f"propagationPolicy: Unsupported value: {given!r}: supported values: {known}"
            raise Denied(400, "BadRequest", why)
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
    old, is_dry_run = record.obj(), call.is_dry_run or bool(options.get("dryRun"))
    _require_preconditions(record.key, old, options.get("preconditions") or {})
    _refuse_protected(old)
    _refuse_needed(call, record.key)
    if call.resource.key == CRDS:
        await remove_instances(call, record.key.name, is_dry_run=is_dry_run)
    marked = deletion(old, call.deps.now())
    if is_dry_run:
        return marked is None, marked or old
    if marked is not None:
        return False, old if marked == old else await call.storage.update(record.key, marked)
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


def _refuse_needed(call: Call, key: Key) -> None:
    """Namespaces the hub cannot do without, and those that hold the Works of a cluster that is still there."""
    if key.resource != "namespaces":
        return
    cluster = key.name.removeprefix(EXECUTION_PREFIX)
    if key.name in BOOTSTRAP_NAMESPACES:
        why = "the hub needs it, so it may not be deleted"
    elif cluster != key.name and call.deps.objects.record(Key("clusters.cluster.karmada.io", "", cluster)):
        why = f"it holds the Works of cluster {cluster}, and goes with it: flotilla unjoin {cluster}"
    elif protected := _protected_in(call, key.name):
        why = f"these in it are protected from deletion: {protected}; remove their label {PROTECTED} first"
    else:
        return
    raise Forbidden(f'namespaces "{key.name}" is forbidden: {why}')


def _protected_in(call: Call, namespace: str) -> str:
    inside = (record for record in call.deps.objects.all() if record.key.namespace == namespace)
    return listed([record for record in inside if is_protected(record.obj())])


def _refuse_protected(obj: Obj) -> None:
    if is_protected(obj):
        raise Forbidden(REFUSAL)
