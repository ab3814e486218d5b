"""CustomResourceDefinitions: defaults, rules, and the status that says they are served. Pure.

The definition is served as soon as it is stored, so its conditions are written with it. One of a kind that the hub has
built in, such as Karmada's own, may be stored, and its conditions say that it is not what is served.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from flotilla_common.conditions import condition, with_condition
from flotilla_common.errors import FieldError, Invalid
from flotilla_common.objects import Obj, name_of
from flotilla_hub.resources.builtin import rival_of
from flotilla_hub.resources.jsonpath import compile_path

from .draft import draft_of
from .fields import duplicate, immutable, invalid, required, unsupported
from .patterns import pattern_flaws

__all__ = ["default", "validate"]


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    draft = draft_of(obj)
    spec = draft.get("spec")
    names = spec.get("names") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(names, dict) or not isinstance(names.get("kind"), str):
        return draft
    names.setdefault("singular", names["kind"].lower())
    names.setdefault("listKind", f"{names['kind']}List")
    spec.setdefault("conversion", {"strategy": "None"})
    draft["status"] = _status(draft, spec, now)
    return draft


def _status(obj: Obj, spec: Mapping[str, Any], now: str) -> dict[str, Any]:
    status = dict(obj.get("status") or {})
    status["acceptedNames"] = spec["names"]
    for one in _conditions(rival_of(obj), now):
        status["conditions"] = with_condition(status.get("conditions"), one)
    stored = [v.get("name") for v in _versions(spec) if v.get("storage")]
    status["storedVersions"] = [
        *status.get("storedVersions", ()),
        *(v for v in stored if v not in status.get("storedVersions", ())),
    ]
    return status


def _conditions(rival: str | None, now: str) -> tuple[Obj, Obj]:
    if rival:
        why = f"{rival} is built into the hub, which serves it without a definition"
        return (
            condition("NamesAccepted", False, "BuiltIn", why, now),
            condition("Established", False, "NotAccepted", "not all names are accepted", now),
        )
    return (
        condition("NamesAccepted", True, "NoConflicts", "no conflicts found", now),
        condition("Established", True, "InitialNamesAccepted", "the initial names have been accepted", now),
    )


def _versions(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = spec.get("versions")
    return [v for v in found if isinstance(v, dict)] if isinstance(found, list) else []


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    """The shape has been checked against the schema of CustomResourceDefinition itself."""
    spec = obj.get("spec") or {}
    names = spec.get("names") or {}
    if not spec.get("group") or not names.get("plural") or not names.get("kind"):
        missing = {
            "spec.group": spec.get("group"),
            "spec.names.plural": names.get("plural"),
            "spec.names.kind": names.get("kind"),
        }
        return tuple(required(path) for path, value in missing.items() if not value)
    return (*_naming(obj, spec, names), *_versioning(spec), *_unchanged(spec, old))


def _naming(obj: Obj, spec: Mapping[str, Any], names: Mapping[str, Any]) -> Iterator[FieldError]:
    wanted = f"{names['plural']}.{spec['group']}"
    if name_of(obj) != wanted:
        yield invalid("metadata.name", name_of(obj), 'must be spec.names.plural+"."+spec.group')
    if spec.get("scope") not in ("Namespaced", "Cluster"):
        yield unsupported("spec.scope", spec.get("scope"), ("Cluster", "Namespaced"))
    if (spec.get("conversion") or {}).get("strategy") not in (None, "None"):
        yield FieldError(
            "spec.conversion.strategy", "Forbidden: the hub converts only by strategy None", "FieldValueForbidden"
        )


def _versioning(spec: Mapping[str, Any]) -> Iterator[FieldError]:
    versions = _versions(spec)
    if not versions:
        yield required("spec.versions", "must have at least one version")
        return
    if sum(bool(v.get("storage")) for v in versions) != 1:
        yield FieldError("spec.versions", "Invalid value: must have exactly one version marked as storage version")
    seen: set[Any] = set()
    for index, version in enumerate(versions):
        path = f"spec.versions[{index}]"
        if version.get("name") in seen:
            yield duplicate(f"{path}.name", version.get("name"))
        seen.add(version.get("name"))
        if not (version.get("schema") or {}).get("openAPIV3Schema"):
            yield required(f"{path}.schema.openAPIV3Schema", "schemas are required")
        else:
            yield from pattern_flaws(version["schema"]["openAPIV3Schema"], f"{path}.schema.openAPIV3Schema")
        yield from _columns(version, path)


def _columns(version: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    for index, column in enumerate(version.get("additionalPrinterColumns") or ()):
        try:
            compile_path(column.get("jsonPath") or "")
        except Invalid as err:
            where = f"{path}.additionalPrinterColumns[{index}].jsonPath"
            yield invalid(where, column.get("jsonPath"), err.errors[0].why)


def _unchanged(spec: Mapping[str, Any], old: Obj | None) -> Iterator[FieldError]:
    was = (old or {}).get("spec") or {}
    for key in ("group", "scope"):
        if was and spec.get(key) != was.get(key):
            yield immutable(f"spec.{key}", spec.get(key))
