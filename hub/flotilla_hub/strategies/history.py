"""The versions of a template that were rolled out, kept as ControllerRevisions, and how to go back to one. Pure.

`data` holds what the user wrote: no status, no bookkeeping. A version is the same whatever its replicas are, and going
back does not bring an old number of them back.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from flotilla_common import kinds
from flotilla_common.errors import NotFound
from flotilla_common.messages import digest_of
from flotilla_common.objects import Obj, annotations_of, copy_of, gvk_of, labels_of, meta_of, name_of, namespace_of

from ..detector.claim import released
from ..names import SYSTEM_NAMESPACE, binding_name
from ..work.prune import pruned

__all__ = ["LIMIT", "REVISION_OF", "Change", "change", "home_of", "is_kept", "restored", "version_of"]

REVISION_OF = "rollout.flotilla.io/revision-of"
"""Label on a ControllerRevision: the uid of its template."""

LIMIT = 10
"""Versions kept beside the present one, as with a Deployment."""

_NOT_CONTENT = frozenset(("apiVersion", "kind", "metadata", "status"))


class Change(NamedTuple):
    """What to write: the present version, when it is not the newest on record, and the names of those to drop."""

    newest: Obj | None = None
    dropped: tuple[str, ...] = ()


def is_kept(template: Obj) -> bool:
    """Secrets have no history: it would be a second place to read them."""
    return gvk_of(template)[::2] != ("", "Secret")


def home_of(template: Obj) -> str:
    """The namespace its history is in."""
    return namespace_of(template) or SYSTEM_NAMESPACE


def version_of(template: Obj) -> str:
    """The same for templates that differ in replicas, status and bookkeeping only."""
    content = _content(template)
    if kinds.replicas_of(content)[0]:
        content = kinds.revise(content, 1)
    return digest_of(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))[:16]


def change(template: Obj, kept: Sequence[Obj], limit: int = LIMIT) -> Change:
    """`kept`: the ControllerRevisions there are of it. A version that comes back is the newest again."""
    newest_first = sorted(kept, key=_number, reverse=True)
    name = _name(template)
    if newest_first and name_of(newest_first[0]) == name:
        return Change(dropped=tuple(map(name_of, newest_first[limit + 1 :])))
    number = _number(newest_first[0]) + 1 if newest_first else 1
    known = next((one for one in newest_first if name_of(one) == name), None)
    newest = {**known, "revision": number} if known else _revision(template, name, number)
    others = [one for one in newest_first if one is not known]
    return Change(newest, tuple(map(name_of, others[limit:])))


def restored(template: Obj, revisions: Iterable[Obj], number: int = 0) -> Obj:
    """The template with the content of revision `number`, by default the one before the newest; replicas stay.

    Raises NotFound when there is no such revision.
    """
    found = sorted(revisions, key=_number, reverse=True)
    wanted = [one for one in found if _number(one) == number] if number else found[1:2]
    if not wanted:
        have = ", ".join(str(_number(one)) for one in found) or "none"
        what = f"revision {number}" if number else "earlier revision"
        raise NotFound(f"there is no {what} of {template['kind']} {name_of(template)}; it has {have}")
    data: Obj = copy_of(wanted[0]["data"])
    count = kinds.replicas_of(template)[0]
    if count:
        data = kinds.revise(data, count)
    metadata = dict(meta_of(template))
    for field, of in (("labels", labels_of), ("annotations", annotations_of)):
        ours = {key: text for key, text in of(template).items() if key not in of(_content(template))}
        metadata[field] = {**ours, **of(data)}
    metadata = {field: value for field, value in metadata.items() if value}
    content = {key: value for key, value in data.items() if key not in _NOT_CONTENT}
    kept = {key: value for key, value in template.items() if key in _NOT_CONTENT}
    return {**kept, "metadata": metadata, **content}


def _revision(template: Obj, name: str, number: int) -> Obj:
    meta = meta_of(template)
    owner = {"apiVersion": template["apiVersion"], "kind": template["kind"], "name": name_of(template)}
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": name,
            "namespace": home_of(template),
            "labels": {REVISION_OF: str(meta.get("uid") or "")},
            "ownerReferences": [{**owner, "uid": str(meta.get("uid") or ""), "controller": True}],
        },
        "data": copy_of(_content(template)),
        "revision": number,
    }


def _content(template: Obj) -> Obj:
    content = pruned(released(template) or template)
    return {**content, "metadata": {field: value for field, value in meta_of(content).items() if value}}


def _name(template: Obj) -> str:
    return f"{binding_name(template['kind'], name_of(template))[:230]}-{version_of(template)}"


def _number(revision: Mapping[str, Any]) -> int:
    return int(revision.get("revision") or 0)
