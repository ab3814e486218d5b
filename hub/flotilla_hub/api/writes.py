"""The writing verbs: create, update, patch, apply. Each reads, asks admission and lifecycle, and writes once."""

import contextlib
from collections.abc import Callable, Iterable
from functools import partial
from uuid import uuid4

from starlette.responses import Response

from flotilla_common.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, TooLarge
from flotilla_common.objects import Obj, meta_of, name_of
from flotilla_hub.admission.admit import admit
from flotilla_hub.admission.apply import Applier, applied, tracked
from flotilla_hub.admission.lifecycle import created, is_gone, updated
from flotilla_hub.admission.namespace import finalizers_kept
from flotilla_hub.admission.patching import patched
from flotilla_hub.resources.registry import CRDS
from flotilla_hub.resources.resource import Schema
from flotilla_hub.resources.schemas import object_meta
from flotilla_hub.store.port import Key

from .answers import answer
from .call import Call, named
from .definitions import remove_instances
from .reads import stored
from .status_errors import Denied

__all__ = ["create", "create_object", "patch", "replace_with", "update"]

_TRIES = 8
"""A patch is applied again to the newer object when another write came first; the client named no version."""

Change = Callable[[Obj], Obj]


async def create(call: Call) -> Response:
    if call.target.name:
        raise Denied(405, "MethodNotAllowed", "POST creates in a collection; to replace an object use PUT")
    obj = named(call.submitted(), uuid4().hex[:5])
    metadata = {k: v for k, v in obj["metadata"].items() if k != "managedFields"}
    return await create_object(call, {**obj, "metadata": metadata})


async def create_object(call: Call, obj: Obj) -> Response:
    await _require_namespace(call)
    if call.resource.status:
        obj = {k: v for k, v in obj.items() if k != "status"}
    now = call.deps.now()
    admitted = admit(call.resource, call.target.version, obj, None, now, str(uuid4()), strict=call.is_strict)
    new = created(admitted.obj, now, str(uuid4()))
    key = call.key_of(name_of(new))
    try:
        await _refuse_taken(call, key)
        result = new if call.is_dry_run else await call.storage.create(key, new)
    except TooLarge as err:
        raise _too_large(call, key) from err
    except Conflict as err:
        raise Conflict(f'{call.resource.key} "{key.name}" already exists', exists=True) from err
    return answer(call, result, 201, admitted.warnings)


async def _refuse_taken(call: Call, key: Key) -> None:
    if call.is_dry_run and await call.storage.get(key):
        raise Conflict(str(key), exists=True)


async def _require_namespace(call: Call) -> None:
    namespace = call.target.namespace
    if not call.resource.namespaced:
        return
    found = call.deps.objects.get(Key("namespaces", "", namespace))
    if found is None:
        raise NotFound(f'namespaces "{namespace}" not found')
    if meta_of(found).get("deletionTimestamp"):
        raise Forbidden(f"unable to create new content in namespace {namespace} because it is being terminated")


async def update(call: Call) -> Response:
    new = call.submitted()
    return await replace_with(call, lambda old: new)


async def apply(call: Call) -> Response:
    """Server-side apply, which creates what is not there."""
    config = call.submitted()
    applier = Applier(_manager(call), call.api_version, subresource=call.target.subresource)
    if meta_of(config).get("managedFields"):
        raise Denied(400, "BadRequest", "metadata.managedFields must be nil in what is applied")
    if call.resource.status:
        is_status = call.target.subresource == "status"
        config = {k: v for k, v in config.items() if (k != "spec" if is_status else k != "status")}
    force, now, schema = call.flag("force"), call.deps.now(), _owned_schema(call)
    if await call.storage.get(call.key) is None and not call.target.subresource:
        with contextlib.suppress(Conflict):
            return await create_object(call, applied(None, config, applier, schema, now))
    change = partial(applied, config=config, applier=applier, schema=schema, now=now, force=force)
    return await replace_with(call, change, is_apply=True)


def _manager(call: Call) -> str:
    manager = call.query.get("fieldManager")
    if not manager:
        raise Invalid("PatchOptions", [FieldError("fieldManager", "Required value: is required for apply patch")])
    return manager


def _owned_schema(call: Call) -> Schema:
    """The kind's schema with that of metadata in it, which definitions of custom kinds leave out."""
    schema = call.resource.view(call.target.version).schema or {}
    return {**schema, "properties": {**(schema.get("properties") or {}), "metadata": object_meta()}}


async def patch(call: Call) -> Response:
    media_type = call.media_type
    if media_type == _APPLY:
        return await apply(call)
    if media_type not in _PATCHES:
        supported = ", ".join(sorted(_PATCHES))
        raise Denied(
            415,
            "UnsupportedMediaType",
            f"the body of the request was in an unknown format: {media_type}; use {supported}",
        )
    if media_type == _STRATEGIC and not (call.resource.upstream):
        message = f"strategic merge patches are for Kubernetes' own kinds; {call.resource.key} takes merge patches"
        raise Denied(415, "UnsupportedMediaType", message)
    body = call.decoded()
    schema = call.resource.view(call.target.version).schema
    return await replace_with(call, lambda old: call.addressed(patched(old, body, media_type, schema)))


_STRATEGIC = "application/strategic-merge-patch+json"
_APPLY = "application/apply-patch+yaml"
_PATCHES = frozenset({"application/json-patch+json", "application/merge-patch+json", _STRATEGIC})


async def replace_with(call: Call, change: Change, *, is_apply: bool = False) -> Response:
    """Read, change, write; again when another write came in between, unless the client named the version it saw."""
    for left in reversed(range(_TRIES)):
        old = {**(await stored(call)).obj(), "apiVersion": call.api_version}
        new = change(old)
        _require_same_version(call, old, new)
        try:
            return await _replace(call, old, new, is_apply)
        except TooLarge as err:
            raise _too_large(call, call.key) from err
        except Conflict as err:
            if not left:
                raise _modified(call) from err
    raise AssertionError("unreachable")


def _require_same_version(call: Call, old: Obj, new: Obj) -> None:
    given = meta_of(new).get("resourceVersion")
    if given and given != meta_of(old).get("resourceVersion"):
        raise _modified(call)


def _modified(call: Call) -> Denied:
    what = f'Operation cannot be fulfilled on {call.resource.key} "{call.target.name}"'
    why = "the object has been modified; please apply your changes to the latest version and try again"
    return Denied(409, "Conflict", f"{what}: {why}")


def _too_large(call: Call, key: Key) -> TooLarge:
    what = f'{call.resource.key} "{key.name}"'
    return TooLarge(f"Request entity too large: {what} is more than the hub can store as one object; make it smaller")


async def _replace(call: Call, old: Obj, new: Obj, is_apply: bool) -> Response:
    candidate = _candidate(call, old, new)
    result, warnings = _admitted(call, old, candidate if is_apply else _tracked(call, old, candidate))
    if result == old or call.is_dry_run:
        return answer(call, result, 200, warnings)
    if is_gone(result):
        if call.resource.key == CRDS:
            await remove_instances(call, name_of(result))
        await call.storage.delete(call.key, int(meta_of(old)["resourceVersion"]))
        return answer(call, result, 200, warnings)
    return answer(call, await call.storage.update(call.key, result), 200, warnings)


def _candidate(call: Call, old: Obj, new: Obj) -> Obj:
    """`new` as far as this subresource may change anything."""
    if call.target.subresource == "status":
        managed = {"managedFields": meta_of(new)["managedFields"]} if "managedFields" in meta_of(new) else {}
        candidate = updated(old, new, status_only=True)
        return {**candidate, "metadata": {**candidate["metadata"], **managed}}
    if call.resource.key == "namespaces" and call.target.subresource != "finalize":
        new = finalizers_kept(old, new)
    return updated(old, new, keep_status=True) if call.resource.status else new


def _tracked(call: Call, old: Obj, new: Obj) -> Obj:
    if not meta_of(old).get("managedFields"):
        return new
    manager = call.query.get("fieldManager") or call.agent
    writer = Applier(manager, call.api_version, "Update", call.target.subresource)
    return tracked(old, new, writer, _owned_schema(call), call.deps.now())


def _admitted(call: Call, old: Obj, new: Obj) -> tuple[Obj, Iterable[str]]:
    now, new_id = call.deps.now(), str(uuid4())
    admitted = admit(call.resource, call.target.version, new, old, now, new_id, strict=call.is_strict)
    # Once more, because defaults may have filled in exactly what the client left out.
    return updated(old, admitted.obj), admitted.warnings
