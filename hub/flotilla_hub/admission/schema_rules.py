"""What one schema says of one value, apart from its parts: type, enum, pattern, sizes, formats, list keys. Pure."""

import base64
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flotilla_common.errors import FieldError
from flotilla_common.objects import encode

from .fields import duplicate, invalid, required, unsupported
from .patterns import LONGEST, is_match

__all__ = ["type_violation", "value_violations"]

Schema = Mapping[str, Any]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def type_violation(value: Any, schema: Schema, path: str) -> FieldError | None:
    if schema.get("x-kubernetes-int-or-string") or schema.get("format") == "int-or-string":
        return (
            None if _is(value, "integer") or isinstance(value, str) else _wrong_type(value, path, "integer or string")
        )
    wanted = schema.get("type")
    if wanted is None:
        return (
            None if not schema.get("oneOf") or "type" not in schema["oneOf"][0] else _one_of_types(value, schema, path)
        )
    return None if _is(value, wanted) else _wrong_type(value, path, wanted)


def _one_of_types(value: Any, schema: Schema, path: str) -> FieldError | None:
    """Kubernetes' own scalars of two types, such as quantities: `oneOf: [{type: string}, {type: number}]`."""
    types = [part["type"] for part in schema["oneOf"]]
    return None if any(_is(value, type_) for type_ in types) else _wrong_type(value, path, " or ".join(types))


def _is(value: Any, type_: str) -> bool:
    if type_ == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[type_]) and (type_ == "boolean" or not isinstance(value, bool))


def _wrong_type(value: Any, path: str, wanted: str) -> FieldError:
    return replace(invalid(path, value, f"must be of type {wanted}"), kind="FieldValueTypeInvalid")


def value_violations(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    if "enum" in schema and value not in schema["enum"]:
        yield unsupported(path, value, map(str, schema["enum"]))
    if isinstance(value, str):
        yield from _string(value, schema, path)
    elif isinstance(value, list):
        yield from _array(value, schema, path)
    elif isinstance(value, dict):
        yield from _object(value, schema, path)
    elif not isinstance(value, bool):
        yield from _number(value, schema, path)


def _string(value: str, schema: Schema, path: str) -> Iterator[FieldError]:
    yield from _sizes(len(value), schema, path, "Length", "characters")
    if "pattern" in schema:
        yield from _pattern(value, schema["pattern"], path)
    check = _FORMATS.get(schema.get("format", ""))
    if check and not check[0](value):
        yield invalid(path, value, _FORMATS[schema["format"]][1])


def _pattern(value: str, pattern: str, path: str) -> Iterator[FieldError]:
    if len(value) > LONGEST:
        yield FieldError(path, f"Too long: must have at most {LONGEST} characters", "FieldValueTooLong")
    elif not is_match(pattern, value):
        yield invalid(path, value, f"must match {pattern}")


def _array(value: Sequence[Any], schema: Schema, path: str) -> Iterator[FieldError]:
    yield from _sizes(len(value), schema, path, "Items", "items")
    keys = schema.get("x-kubernetes-list-map-keys") if schema.get("x-kubernetes-list-type") == "map" else None
    is_set = schema.get("uniqueItems") or schema.get("x-kubernetes-list-type") == "set"
    if not (keys or is_set):
        return
    defaults = {
        k: of["default"] for k, of in (schema.get("items") or {}).get("properties", {}).items() if "default" in of
    }
    seen = set()
    for index, item in enumerate(value):
        identity = {k: item.get(k, defaults.get(k)) for k in keys} if keys and isinstance(item, dict) else item
        if encode(identity) in seen:
            yield duplicate(f"{path}[{index}]", identity)
        seen.add(encode(identity))


def _object(value: Mapping[str, Any], schema: Schema, path: str) -> Iterator[FieldError]:
    yield from _sizes(len(value), schema, path, "Properties", "properties")
    for key in schema.get("required") or ():
        if key not in value:
            yield required(f"{path}.{key}" if path else key)


def _sizes(size: int, schema: Schema, path: str, what: str, noun: str) -> Iterator[FieldError]:
    least, most = schema.get(f"min{what}"), schema.get(f"max{what}")
    if least is not None and size < least:
        yield FieldError(path, f"Invalid value: must have at least {least} {noun}")
    if most is not None and size > most:
        yield FieldError(path, f"Too long: must have at most {most} {noun}", "FieldValueTooLong")


def _number(value: float, schema: Schema, path: str) -> Iterator[FieldError]:
    low, high, step = schema.get("minimum"), schema.get("maximum"), schema.get("multipleOf")
    if low is not None and (value <= low if schema.get("exclusiveMinimum") is True else value < low):
        yield invalid(path, value, f"must be greater than or equal to {low}")
    if high is not None and (value >= high if schema.get("exclusiveMaximum") is True else value > high):
        yield invalid(path, value, f"must be less than or equal to {high}")
    if step and not math.isclose(value / step, round(value / step)):
        yield invalid(path, value, f"must be a multiple of {step}")
    bits = {"int32": 31, "int64": 63}.get(schema.get("format", ""))
    if bits and not -(2**bits) <= value < 2**bits:
        yield invalid(path, value, f"must fit {schema['format']}")


def _is_time(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except ValueError:
        return False
    return True


_FORMATS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "date-time": (_is_time, "must be a time such as 2030-01-31T12:00:00Z"),
    "byte": (_is_base64, "must be base64"),
}
