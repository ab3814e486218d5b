"""The scale subresource: replicas as an autoscaling/v1 Scale, for `kubectl scale` and autoscalers."""

from typing import Any

from starlette.responses import Response

from flotilla_common.errors import Invalid
from flotilla_common.objects import Obj, decode, encode, meta_of
from flotilla_hub.admission.fields import invalid
from flotilla_hub.admission.patching import patched
from flotilla_hub.resources.columns import NONE, selector_words
from flotilla_hub.resources.resource import Scale

from .call import Call
from .reads import stored
from .status_errors import Denied
from .writes import replace_with

__all__ = ["scale"]

_KEPT = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


async def scale(call: Call) -> Response:
    paths = call.resource.scale
    if paths is None:
        raise Denied(404, "NotFound", f"{call.resource.key} has no scale subresource")
    if call.method == "GET":
        return _response((await stored(call)).obj(), paths)
    body = call.decoded()

    def change(old: Obj) -> Obj:
        wanted = body if call.method == "PUT" else patched(_scale_of(old, paths), body, _merge(call.media_type), None)
        return _scaled(old, paths, wanted)

    answered = await replace_with(call, change)
    return _response(decode(bytes(answered.body)), paths)


def _merge(media_type: str) -> str:
    """A Scale has no lists, so a strategic merge patch of it is a merge patch."""
    return media_type.replace("strategic-merge", "merge")


def _scaled(old: Obj, paths: Scale, wanted: Obj) -> Obj:
    if not (_is_map(wanted) and _is_map(wanted.get("metadata") or {}) and _is_map(wanted.get("spec") or {})):
        raise Denied(400, "BadRequest", "the body must be a Scale, such as {spec: {replicas: 1}}")
    replicas = (wanted.get("spec") or {}).get("replicas", 0)
    if type(replicas) is not int or replicas < 0:
        raise Invalid("Scale", [invalid("spec.replicas", replicas, "must be a number greater than or equal to 0")])
    version = meta_of(wanted).get("resourceVersion") or meta_of(old).get("resourceVersion")
    return _with({**old, "metadata": {**meta_of(old), "resourceVersion": version}}, paths.spec, replicas)


def _is_map(value: Any) -> bool:
    return isinstance(value, dict)


def _with(obj: Obj, path: tuple[str, ...], value: Any) -> Obj:
    key, *rest = path
    return {**obj, key: _with(obj.get(key) or {}, tuple(rest), value) if rest else value}


def _at(obj: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        obj = obj.get(key) if isinstance(obj, dict) else None
    return obj


def _scale_of(obj: Obj, paths: Scale) -> Obj:
    selector = _at(obj, paths.selector) if paths.selector else selector_words(_at(obj, ("spec", "selector")))
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {k: v for k, v in meta_of(obj).items() if k in _KEPT},
        "spec": {"replicas": _at(obj, paths.spec) or 0},
        "status": {"replicas": _at(obj, paths.status) or 0, "selector": "" if selector == NONE else selector},
    }


def _response(obj: Obj, paths: Scale) -> Response:
    return Response(encode(_scale_of(obj, paths)), media_type="application/json")
