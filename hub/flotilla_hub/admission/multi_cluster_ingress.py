"""Admission of MultiClusterIngress. Its spec is an Ingress's: the schema of that kind says what it may hold."""

from collections.abc import Iterator

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from .draft import draft_of, maps_in, section
from .fields import invalid, required, unknown_sections, unsupported

__all__ = ["default", "validate"]

PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """What is stored instead of `obj`: nothing has a default."""
    return draft_of(obj)


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    return (*unknown_sections(obj), *_spec_errors(obj))


def _spec_errors(obj: Obj) -> Iterator[FieldError]:
    spec = section(obj, "spec")
    if not spec.get("rules") and not spec.get("defaultBackend"):
        yield invalid("spec", spec, "either `defaultBackend` or `rules` must be specified")
    for i, rule in enumerate(maps_in(spec, "rules")):
        http = section(rule, "http")
        for j, path in enumerate(maps_in(http, "paths")):
            yield from _path_errors(path, f"spec.rules[{i}].http.paths[{j}]")


def _path_errors(path: Obj, at: str) -> Iterator[FieldError]:
    kind, text = path.get("pathType"), str(path.get("path") or "")
    if kind is None:
        yield required(f"{at}.pathType", "pathType must be specified")
    elif kind not in PATH_TYPES:
        yield unsupported(f"{at}.pathType", kind, PATH_TYPES)
    elif not text.startswith("/") and (text or kind != "ImplementationSpecific"):
        yield invalid(f"{at}.path", text, "must be an absolute path")
