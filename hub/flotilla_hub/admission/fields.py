"""Field errors as Kubernetes words them: made by hand for our rules, or from what pydantic found wrong with a shape."""

import json
import types
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, Union, get_args, get_origin

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

__all__ = [
    "duplicate",
    "forbidden",
    "immutable",
    "invalid",
    "read",
    "required",
    "unknown",
    "unknown_sections",
    "unsupported",
]

M = TypeVar("M", bound=BaseModel)
SECTIONS = ("apiVersion", "kind", "metadata", "spec", "status")


def invalid(path: str, value: Any, why: str) -> FieldError:
    return FieldError(path, f"Invalid value: {_shown(value)}: {why}")


def required(path: str, why: str = "") -> FieldError:
    return FieldError(path, f"Required value: {why}" if why else "Required value", "FieldValueRequired")


def forbidden(path: str, why: str) -> FieldError:
    return FieldError(path, f"Forbidden: {why}", "FieldValueForbidden")


def duplicate(path: str, value: Any) -> FieldError:
    return FieldError(path, f"Duplicate value: {_shown(value)}", "FieldValueDuplicate")


def unsupported(path: str, value: Any, supported: Iterable[str]) -> FieldError:
    known = ", ".join(_shown(s) for s in sorted(supported))
    return FieldError(path, f"Unsupported value: {_shown(value)}: supported values: {known}", "FieldValueNotSupported")


def immutable(path: str, value: Any) -> FieldError:
    return invalid(path, value, "field is immutable")


def unknown(path: str, name: str, known: Iterable[str]) -> FieldError:
    """`path` includes `name`. Suggests the known name that looks most like it, else lists them all."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f'did you mean "{close[0]}"?' if close else f"known fields: {', '.join(names)}"
    return FieldError(path, f"unknown field; {hint}")


def unknown_sections(obj: Obj, known: Iterable[str] = SECTIONS) -> tuple[FieldError, ...]:
    """The top-level fields that no object of ours has: `specs:` would otherwise be a policy without a spec."""
    names = tuple(known)
    return tuple(unknown(key, key, names) for key in obj if key not in names)


def read(model: type[M], obj: Obj, name: str = "spec") -> tuple[M | None, tuple[FieldError, ...]]:
    """`obj[name]` as `model`, or None and what is wrong with it.

    Strict: `priority: "5"` is a string and not a number, as with Kubernetes. Read from JSON because only there a list
    may stand for a tuple in strict mode.
    """
    try:
        return model.model_validate_json(orjson.dumps(obj.get(name) or {}), strict=True), ()
    except ValidationError as err:
        return None, tuple(_field_error(model, name, e) for e in err.errors(include_url=False) if not _follows(e))


def _follows(error: ErrorDetails) -> bool:
    # pydantic counts only the items it could read, so a list with one bad item is said to be too short as well.
    return error["type"] == "too_short" and bool(error["input"])


def _field_error(model: type[BaseModel], root: str, error: ErrorDetails) -> FieldError:
    loc, value, kind = error["loc"], error["input"], error["type"]
    path = root + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    if kind == "extra_forbidden":
        return unknown(path, str(loc[-1]), _names_at(model, loc[:-1]))
    if kind == "missing":
        return required(path)
    if kind == "literal_error":
        return unsupported(path, value, _literals(error))
    if kind == "too_short":
        return required(path, "at least one is needed")
    return invalid(path, value, error["msg"].removeprefix("Input ").replace("should be", "must be"))


def _literals(error: ErrorDetails) -> list[str]:
    expected = str(error.get("ctx", {}).get("expected", ""))
    return [word.strip("'") for word in expected.replace(" or ", ", ").split(", ") if word != "''"]


def _names_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The fields a user may write at `loc`."""
    at: Any = model
    for part in loc:
        fields = {f.alias or n: f for n, f in at.model_fields.items()} if _is_model(at) else {}
        at = _model_in(fields[part].annotation) if part in fields else at
    return [f.alias or n for n, f in at.model_fields.items()] if _is_model(at) else []


def _model_in(annotation: Any) -> Any:
    """The model inside `Model | None`, `tuple[Model, ...]` and the like."""
    if _is_model(annotation):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType, tuple):
        return next((m for m in map(_model_in, get_args(annotation)) if m is not None), None)
    return None


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    if isinstance(value, Mapping | list) and len(text) > 80:
        return text[:77] + "..."
    return json.dumps(text, ensure_ascii=False) if isinstance(value, str) else text
