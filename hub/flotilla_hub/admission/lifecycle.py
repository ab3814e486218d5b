"""What the server itself writes into an object as it is created, updated and deleted. Pure.

The verbs and the controllers both go through it, so an object lives by one set of rules whoever writes it.
"""

from typing import Any

from flotilla_common.objects import Obj, meta_of

__all__ = ["created", "deletion", "is_gone", "updated"]

_SERVER_OWNED = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "selfLink",
)
_NOT_SPEC = frozenset({"metadata", "status", "apiVersion", "kind"})


def created(obj: Obj, now: str, uid: str) -> Obj:
    """The object as it is first stored; what only the server may say is replaced. `now` is RFC 3339."""
    metadata = {
        k: v for k, v in (obj.get("metadata") or {}).items() if k not in _SERVER_OWNED and k != "resourceVersion"
    }
    return {**obj, "metadata": {**metadata, "uid": uid, "creationTimestamp": now, "generation": 1}}


def updated(old: Obj, new: Obj, *, status_only: bool = False, keep_status: bool = False) -> Obj:
    """What is stored when `new` replaces `old`.

    `status_only` is the status subresource: nothing but `status` changes. `keep_status` is the main resource of a kind
    that has one: `status` does not change. The generation grows when anything outside metadata and status does.
    `resourceVersion` is the one `new` was read at, or `old`'s when it names none, so that the store compares with it.
    """
    metadata = _updated_metadata(meta_of(old), meta_of(old) if status_only else meta_of(new))
    metadata["resourceVersion"] = meta_of(new).get("resourceVersion") or meta_of(old).get("resourceVersion")
    if status_only:
        return _with_status({**old, "metadata": metadata}, new)
    result = {**new, "metadata": metadata}
    if keep_status:
        result = _with_status(result, old)
    if _spec(old) != _spec(result):
        metadata["generation"] = int(meta_of(old).get("generation") or 0) + 1
    return result


def deletion(old: Obj, now: str) -> Obj | None:
    """None when nothing holds the object and it is to be removed now; else the object marked as being deleted."""
    if _held(old):
        if meta_of(old).get("deletionTimestamp"):
            return old
        marked = {**old, "metadata": {**meta_of(old), "deletionTimestamp": now, "deletionGracePeriodSeconds": 0}}
        if old.get("kind") == "Namespace":
            marked["status"] = {**(old.get("status") or {}), "phase": "Terminating"}
        return marked
    return None


def is_gone(obj: Obj) -> bool:
    """Being deleted, and the last finalizer has been taken off: it is to be removed, not stored."""
    return bool(meta_of(obj).get("deletionTimestamp")) and not _held(obj)


def _held(obj: Obj) -> bool:
    # Namespaces are also held by a finalizer of their own, which stands for what is in them.
    contents = (obj.get("spec") or {}).get("finalizers") if obj.get("kind") == "Namespace" else None
    return bool(meta_of(obj).get("finalizers") or contents)


def _updated_metadata(old: Any, new: Any) -> dict[str, Any]:
    kept = {k: v for k, v in new.items() if k not in _SERVER_OWNED}
    return {**kept, **{k: old[k] for k in _SERVER_OWNED if k in old}}


def _with_status(obj: Obj, source: Obj) -> Obj:
    rest = {k: v for k, v in obj.items() if k != "status"}
    return {**rest, "status": source["status"]} if "status" in source else rest


def _spec(obj: Obj) -> Obj:
    return {k: v for k, v in obj.items() if k not in _NOT_SPEC}
