"""What is stored when an object is created, replaced, patched or applied: the hub's own rules, put together. Pure."""

import random
import re
import string
from typing import Any

from flotilla_agent.targets.simulated import Place, settled
from flotilla_common.errors import Conflict, FieldError, Invalid
from flotilla_common.objects import Obj, meta_of, name_of
from flotilla_hub.admission.apply import Applier, applied, tracked
from flotilla_hub.admission.lifecycle import created, updated
from flotilla_hub.admission.patching import JSON, MERGE, STRATEGIC, patched
from flotilla_hub.api.status_errors import Denied

from .kinds import schema
from .requests import Call

__all__ = ["APPLY", "born", "is_same", "named", "patch_of", "replaced"]

APPLY = "application/apply-patch+yaml"
_PATCHES = (JSON, MERGE, STRATEGIC)
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_LOOSE = "rbac.authorization.k8s.io"
"""The group whose names may be anything that fits into a path."""
_AT_ONCE = ("Namespace", "CustomResourceDefinition")


def named(call: Call, obj: Obj) -> Obj:
    """`obj` with a name of its own. Raises Invalid for one that cannot be."""
    metadata = obj["metadata"]
    if not name_of(obj) and metadata.get("generateName"):
        suffix = "".join(random.choices(string.ascii_lowercase + string.digits, k=5))
        obj = {**obj, "metadata": {**metadata, "name": f"{metadata['generateName']}{suffix}"}}
    name = name_of(obj)
    if not _NAME.fullmatch(name) and call.row.group != _LOOSE:
        raise Invalid(f'{call.row.kind} "{name}" is invalid', [FieldError("metadata.name", "Invalid value")])
    return obj


def born(call: Call, obj: Obj, uid: str, *, is_simulated: bool) -> Obj:
    """As it is first stored; `is_simulated`: every kind's controllers are done with it at once."""
    if call.row.status:
        obj = {key: value for key, value in obj.items() if key != "status"}
    return _settled(created(obj, call.now, uid), call.now, is_simulated=is_simulated)


def patch_of(call: Call, live: Obj | None) -> Obj:
    """What the patch in the body makes of `live`; None is only fine for an apply. Raises Conflict, Invalid, Denied."""
    if call.media_type == APPLY:
        return _applied(call, live)
    if call.media_type not in _PATCHES:
        raise Denied(415, "UnsupportedMediaType", f"patches may be {', '.join((*_PATCHES, APPLY))}")
    assert live is not None
    return patched(live, call.decoded(), call.media_type, schema(call.row, call.target.version))


def replaced(call: Call, live: Obj, new: Obj, *, is_simulated: bool) -> Obj:
    """`new` as the next state of `live`: the same object, at the version it was read at, or at any."""
    _require_same(call, live, new)
    is_status = call.target.subresource == "status"
    if call.media_type != APPLY:
        writer = Applier(call.manager, call.api_version, "Update", call.target.subresource)
        new = tracked(live, new, writer, schema(call.row, call.target.version), call.now)
    result = updated(live, new, status_only=is_status, keep_status=call.row.status and not is_status)
    if is_status and "managedFields" in meta_of(new):
        result["metadata"]["managedFields"] = meta_of(new)["managedFields"]
    return _settled(result, call.now, is_simulated=is_simulated and not is_status)


def is_same(live: Obj, after: Obj) -> bool:
    """Whether a write changes nothing: then it is none."""
    return bool(_versionless(live) == _versionless(after))


def _applied(call: Call, live: Obj | None) -> Obj:
    config = call.submitted()
    uid = meta_of(config).get("uid")
    if uid and (live is None or meta_of(live)["uid"] != uid):
        raise Conflict(f'cannot apply {call.row.plural} "{call.target.name}": uid mismatch: {uid} is not there')
    applier = Applier(call.manager, call.api_version, "Apply", call.target.subresource)
    is_forced = call.request.query.get("force") == "true"
    return applied(live, config, applier, schema(call.row, call.target.version), call.now, force=is_forced)


def _require_same(call: Call, live: Obj, new: Obj) -> None:
    before, after = meta_of(live), meta_of(new)
    if after.get("uid") not in (None, "", before["uid"]):
        why = FieldError("metadata.uid", "Invalid value: field is immutable")
        raise Invalid(f'{call.row.kind} "{call.target.name}" is invalid', [why])
    if after.get("resourceVersion") not in (None, "", before["resourceVersion"]):
        raise Conflict(
            f'Operation cannot be fulfilled on {call.row.plural} "{call.target.name}": the object has been modified; '
            "please apply your changes to the latest version and try again"
        )


def _settled(obj: Obj, now: str, *, is_simulated: bool) -> Obj:
    if not is_simulated and obj["kind"] not in _AT_ONCE:
        return obj
    status = settled(obj, Place(3, now))
    return obj if status is None else {**obj, "status": status}


def _versionless(obj: Obj) -> Any:
    return {**obj, "metadata": {key: value for key, value in obj["metadata"].items() if key != "resourceVersion"}}
