"""Built-in kinds sent as protobuf, read into the objects their JSON would have been. Pure.

Current clients write Kubernetes' own kinds this way and no other. resources/messages.json says what each field is
(tests/kube/messages.py harvests it). Answers are always JSON.
"""

import base64
import struct
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from flotilla_common.objects import Obj, decode

from .status_errors import Denied

__all__ = ["PROTOBUF", "decode_protobuf"]

PROTOBUF = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_JSON_SCHEMA = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
_JSON_SCHEMA_PROPS = f"{_JSON_SCHEMA}JSONSchemaProps"

_LONGEST_VARINT = 10
_64_BITS = (1 << 64) - 1
_EXACT_DOUBLE = 1 << 53
_UNREADABLE = (ValueError, OverflowError, RecursionError, struct.error)

Field = tuple[str, str, str, str]
"""JSON name (empty when the parts of it belong to its owner), type, shape, and what empty is."""


def decode_protobuf(body: bytes) -> Obj:
    """Raises Denied: 400 for what is no whole protobuf, 415 for a kind that is not read from it."""
    if not body.startswith(_MAGIC):
        raise Denied(400, "BadRequest", f"the body does not begin as {PROTOBUF} does")
    try:
        wrapper = dict(_wire(body[len(_MAGIC) :]))
        type_meta = {number: _text(value) for number, value in _wire(_part(wrapper.get(1, b"")))}
        return _typed(type_meta.get(1, ""), type_meta.get(2, ""), _part(wrapper.get(2, b"")))
    except _UNREADABLE as err:
        raise Denied(400, "BadRequest", f"the protobuf in the body could not be read: {err}") from err


def _typed(api_version: str, kind: str, raw: bytes) -> Obj:
    # Options carry the version of the group they are sent to, and are the same everywhere.
    name = _kinds().get(kind) or _kinds().get(f"{api_version} {kind}")
    if name is None:
        raise Denied(
            415, "UnsupportedMediaType", f"{api_version} {kind} is not a kind the hub reads from protobuf; send JSON"
        )
    return {"apiVersion": api_version, "kind": kind, **_message(raw, name)}


def _message(raw: bytes, name: str) -> Any:
    special = _SPECIAL.get(name)
    if special:
        return special(raw)
    fields = _messages()[name]
    result: Obj = {}
    for number, value in _wire(raw):
        field = fields.get(str(number))
        if field:
            _put(result, field, value)
    for json_name, _, _, empty in fields.values():
        if empty == "null":
            result.setdefault(json_name, None)
    return result


def _put(result: Obj, field: Field, value: Any) -> None:
    name, type_, shape, empty = field
    if shape == "map":
        entry = dict(_wire(_part(value)))
        result.setdefault(name, {})[_text(entry.get(1, b""))] = _value(entry.get(2, b""), type_)
    elif shape == "list":
        packed = type_ == "int" and isinstance(value, bytes)
        result.setdefault(name, []).extend(_packed(value) if packed else [_value(value, type_)])
    elif name == "":
        result.update(_value(value, type_))
    else:
        read = _value(value, type_)
        # Go sends what is no pointer even when nobody set it; JSON leaves such a field out.
        if empty != "dropped" or read:
            result[name] = read


def _value(value: Any, type_: str) -> Any:
    scalar = _SCALARS.get(type_)
    if scalar:
        return scalar(value)
    return _message(_part(value), type_)


def _part(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("there is a number where text or a message belongs")
    return value


def _text(value: Any) -> str:
    return _part(value).decode()


def _int(value: Any) -> int:
    """Negative numbers travel as their 64-bit complement."""
    if not isinstance(value, int):
        raise ValueError("there is text or a message where a number belongs")
    return value - (1 << 64) if value >> 63 else value


def _double(value: Any) -> float | int:
    """Whole numbers without a fraction, as Go writes them."""
    number: float = struct.unpack("<d", _part(value))[0]
    return int(number) if abs(number) < _EXACT_DOUBLE and number.is_integer() else number


_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "string": _text,
    "bytes": lambda value: base64.b64encode(_part(value)).decode(),
    "bool": lambda value: _int(value) != 0,
    "int": _int,
    "double": _double,
}


def _time(raw: bytes, timespec: str = "seconds") -> str | None:
    """None for the zero time, which is how a missing one is sent."""
    fields = dict(_wire(raw))
    if not fields:
        return None
    moment = _EPOCH + timedelta(seconds=_int(fields.get(1, 0)), microseconds=_int(fields.get(2, 0)) // 1000)
    return moment.isoformat(timespec=timespec).replace("+00:00", "Z")


def _int_or_string(raw: bytes) -> int | str:
    fields = dict(_wire(raw))
    return _text(fields.get(3, b"")) if fields.get(1) else _int(fields.get(2, 0))


def _json(raw: bytes) -> Any:
    return decode(_part(dict(_wire(raw)).get(1, b"null")))


def _strings(raw: bytes, number: int = 1) -> list[str]:
    return [_text(value) for at, value in _wire(raw) if at == number]


def _schema_or_list(raw: bytes) -> Any:
    schemas = [_value(value, _JSON_SCHEMA_PROPS) for number, value in _wire(raw) if number == 2]
    return schemas or _schema_in(raw, 1)


def _schema_or_bool(raw: bytes) -> Any:
    fields = dict(_wire(raw))
    return _schema_in(raw, 2) if 2 in fields else bool(fields.get(1))


def _schema_or_names(raw: bytes) -> Any:
    return _strings(raw, 2) or _schema_in(raw, 1)


def _schema_in(raw: bytes, number: int) -> Any:
    return _value(dict(_wire(raw)).get(number, b""), _JSON_SCHEMA_PROPS)


_SPECIAL: Mapping[str, Callable[[bytes], Any]] = {
    f"{_META}Time": _time,
    f"{_META}MicroTime": lambda raw: _time(raw, "microseconds"),
    f"{_META}FieldsV1": _json,
    "io.k8s.api.authentication.v1.ExtraValue": _strings,
    "io.k8s.apimachinery.pkg.api.resource.Quantity": lambda raw: _text(dict(_wire(raw)).get(1, b"0")),
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": _int_or_string,
    "io.k8s.apimachinery.pkg.runtime.RawExtension": _json,
    f"{_JSON_SCHEMA}JSON": _json,
    f"{_JSON_SCHEMA}JSONSchemaPropsOrArray": _schema_or_list,
    f"{_JSON_SCHEMA}JSONSchemaPropsOrBool": _schema_or_bool,
    f"{_JSON_SCHEMA}JSONSchemaPropsOrStringArray": _schema_or_names,
}
"""Types whose JSON is not a map of their fields."""


def _wire(raw: bytes) -> Iterator[tuple[int, Any]]:
    """(field number, value): an int for varints, bytes for everything else."""
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        wire_type = tag & 7
        if wire_type == 0:
            value, at = _varint(raw, at)
            yield tag >> 3, value
            continue
        size = {1: 8, 5: 4}.get(wire_type, 0)
        if wire_type == 2:
            size, at = _varint(raw, at)
        if not size and wire_type != 2:
            raise ValueError(f"wire type {wire_type} at byte {at}")
        if at + size > len(raw):
            raise ValueError(f"field {tag >> 3} is cut off at byte {at}")
        yield tag >> 3, raw[at : at + size]
        at += size


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    result = 0
    for position, byte in enumerate(raw[at : at + _LONGEST_VARINT]):
        result |= (byte & 0x7F) << 7 * position
        if byte < 0x80:
            return result & _64_BITS, at + position + 1
    raise ValueError(f"the number at byte {at} has no end")


def _packed(raw: bytes) -> list[int]:
    values, at = [], 0
    while at < len(raw):
        value, at = _varint(raw, at)
        values.append(_int(value))
    return values


@cache
def _document() -> Obj:
    document: Obj = decode(files("flotilla_hub.resources").joinpath("messages.json").read_bytes())
    return document


def _messages() -> Mapping[str, Mapping[str, Field]]:
    held: Mapping[str, Mapping[str, Field]] = _document()["messages"]
    return held


def _kinds() -> Mapping[str, str]:
    held: Mapping[str, str] = _document()["kinds"]
    return held
