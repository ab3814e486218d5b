"""Server-side apply: who owns which field, what an applied configuration takes over, and where that conflicts. Pure.

Ownership is kept in `metadata.managedFields`, as in Kubernetes, from an object's first server-side apply on; objects
that never see one are spared the weight. Until then all that is in one counts as owned by "before-first-apply".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from flotilla_common.errors import FieldError, Terminal
from flotilla_common.objects import Obj, annotations_of, meta_of

from ..labels import LAST_APPLIED
from .field_sets import Flat, Path, absorb, fields_v1, flat, is_key, paths_of, remove, shown

__all__ = ["Applier", "ApplyConflict", "applied", "tracked"]

_SERVER_OWNED = frozenset(
    {"name", "namespace", "uid", "creationTimestamp", "resourceVersion", "generation", "managedFields", "selfLink"}
) | {"deletionTimestamp", "deletionGracePeriodSeconds", "generateName"}

Schema = Mapping[str, Any]


class ApplyConflict(Terminal):
    """Fields that the configuration wants to change belong to others. `errors` names each field and its owner."""

    reason = "Conflict"

    def __init__(self, conflicts: Iterable[tuple["Applier", Path]]) -> None:
        found = sorted(conflicts, key=lambda c: (c[0].manager, c[1]))
        self.errors = tuple(FieldError(shown(p), f"conflict with {o}", "FieldManagerConflict") for o, p in found)
        noun = "conflict" if len(found) == 1 else "conflicts"
        told = "; ".join(f"{e.why}: {e.path}" for e in self.errors)
        super().__init__(f"Apply failed with {len(found)} {noun}: {told}")


@dataclass(frozen=True)
class Applier:
    """Who writes: one entry of managedFields belongs to each."""

    manager: str
    api_version: str
    operation: str = "Apply"
    subresource: str = ""

    def __str__(self) -> str:
        through = f' with subresource "{self.subresource}"' if self.subresource else ""
        return f'"{self.manager}"{through} using {self.api_version}'


@dataclass(frozen=True)
class _Entry:
    owner: Applier
    paths: frozenset[Path]
    time: str


def applied(live: Obj | None, config: Obj, applier: Applier, schema: Schema, now: str, *, force: bool = False) -> Obj:
    """The object as it is to be stored: `live`, or nothing yet, with `config` applied to it.

    What the applier's last configuration had and this one has not is removed, unless another owns it. Raises
    ApplyConflict when a field that another owns would change and `force` is off.
    """
    wanted = _flat(config, schema)
    if live is None:
        return _managed(config, [_Entry(applier, frozenset(wanted), now)])
    entries = _entries(live) or [_before_first_apply(live, applier, schema)]
    mine = [e for e in entries if e.owner == applier]
    others = [e for e in entries if e.owner != applier]
    conflicts = _conflicts(live, wanted, others, applier, schema)
    if conflicts and not force:
        raise ApplyConflict(conflicts)
    lost = {path for _, path in conflicts}
    others = [replace(e, paths=e.paths - lost) for e in others]
    result = absorb(live, _clean(config), schema)
    for path in _abandoned(mine, frozenset(wanted), others):
        result = remove(result, path, schema)
    entry = _Entry(applier, frozenset(wanted), now)
    kept = mine[0] if mine and mine[0].paths == entry.paths else entry
    return _managed({**result, "metadata": _metadata(result, live)}, [*others, kept])


def tracked(old: Obj, new: Obj, writer: Applier, schema: Schema, now: str) -> Obj:
    """`new` with ownership of what an ordinary write changed passed to `writer`; unchanged for untracked objects."""
    given = meta_of(new).get("managedFields")
    entries = _entries(old)
    if not entries or (given is not None and given != meta_of(old).get("managedFields")):
        # A client may set the field itself: kubectl does when it moves from client-side to server-side apply.
        return new
    before, after = _flat(old, schema), _flat(new, schema)
    changed = {path for path, value in after.items() if path not in before or before[path] != value}
    touched = changed | (before.keys() - after.keys())
    if not touched:
        return _managed(new, entries)
    mine = next((e for e in entries if e.owner == writer), _Entry(writer, frozenset(), now))
    others = [replace(e, paths=e.paths - touched) for e in entries if e.owner != writer]
    return _managed(new, [*others, _Entry(writer, (mine.paths - touched) | changed, now)])


def _conflicts(
    live: Obj, wanted: Flat, others: Iterable[_Entry], applier: Applier, schema: Schema
) -> list[tuple[Applier, Path]]:
    held = _flat(live, schema)
    differing = {path for path, value in wanted.items() if path in held and held[path] != value}
    if applier.manager == "kubectl":
        # What kubectl itself applied before, on the client's side, it may take over without force.
        differing -= {path for path, value in _last_applied(live, schema).items() if held.get(path) == value}
    return [(entry.owner, path) for entry in others for path in entry.paths & differing]


def _last_applied(live: Obj, schema: Schema) -> Flat:
    try:
        config = orjson.loads(annotations_of(live).get(LAST_APPLIED, "{}"))
    except orjson.JSONDecodeError:
        return {}
    return _flat(config, schema) if isinstance(config, dict) else {}


def _abandoned(mine: Iterable[_Entry], wanted: frozenset[Path], others: Iterable[_Entry]) -> list[Path]:
    """What nobody owns any more, parents first. An item in which another owns something stays, and keeps its keys."""
    held = wanted.union(*(e.paths for e in others))
    # With every parent: a map that was applied empty must not take with it what has been put there since.
    owned = {path[:depth] for path in held for depth in range(1, len(path) + 1)}
    gone = {path for e in mine for path in e.paths} - owned
    items = {path for path in gone if path[-1].startswith("k:")}
    return sorted((p for p in gone if p[:-1] in items or not is_key(p)), key=len)


def _before_first_apply(live: Obj, applier: Applier, schema: Schema) -> _Entry:
    owner = Applier("before-first-apply", applier.api_version, "Update", applier.subresource)
    return _Entry(owner, frozenset(_flat(live, schema)), str(meta_of(live).get("creationTimestamp", "")))


def _flat(obj: Obj, schema: Schema) -> Flat:
    return flat(_clean(obj), schema)


def _clean(obj: Obj) -> Obj:
    """What can be owned: not what names the object, nor what the server writes, nor nulls."""
    metadata = {k: v for k, v in meta_of(obj).items() if k not in _SERVER_OWNED}
    body = {k: v for k, v in obj.items() if k not in ("apiVersion", "kind", "metadata") and v is not None}
    cleaned: Obj = _without_nulls({**body, **({"metadata": metadata} if metadata else {})})
    return cleaned


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    return [_without_nulls(v) for v in value] if isinstance(value, list) else value


def _metadata(result: Obj, live: Obj) -> Obj:
    return {**{k: v for k, v in meta_of(live).items() if k in _SERVER_OWNED}, **meta_of(result)}


def _entries(obj: Obj) -> list[_Entry]:
    return [
        _Entry(
            Applier(
                e.get("manager", ""), e.get("apiVersion", ""), e.get("operation", "Update"), e.get("subresource", "")
            ),
            frozenset(paths_of(e.get("fieldsV1") or {})),
            str(e.get("time") or ""),
        )
        for e in meta_of(obj).get("managedFields") or ()
        if isinstance(e, dict)
    ]


def _managed(obj: Obj, entries: Iterable[_Entry]) -> Obj:
    fields = [_written(e) for e in entries if e.paths]
    return {**obj, "metadata": {**meta_of(obj), "managedFields": fields}}


def _written(entry: _Entry) -> Obj:
    owner = entry.owner
    return {
        "manager": owner.manager,
        "operation": owner.operation,
        "apiVersion": owner.api_version,
        "time": entry.time,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields_v1(entry.paths),
        **({"subresource": owner.subresource} if owner.subresource else {}),
    }
