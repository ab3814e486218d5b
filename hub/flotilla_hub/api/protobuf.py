"""Built-in kinds sent as protobuf, read into the objects their JSON would have been. Pure.

Current clients write Kubernetes' own kinds this way and no other. resources/messages.json says what each field is
(tests/kube/messages.py harvests it). Answers are always JSON.
"""

import base64
import struct
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from flotilla_common.objects import Obj, decode

from .status_errors import Denied

__all__ = ["PROTOBUF", "decode_protobuf"]

PROTOBUF = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_JSON_SCHEMA = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."

Fields = Mapping[str, tuple[str, str, str]]


def decode_protobuf(body: bytes) -> Obj:
    """Raises Denied (400, 415)."""
    if not body.startswith(_MAGIC):
        raise Denied(400, "BadRequest", f"the body does not begin as {PROTOBUF} does")
    try:
        wrapper = dict(_wire(body[len(_MAGIC) :]))
        type_meta = {k: bytes(v).decode() for k, v in _wire(wrapper.get(1, b""))}
        return _typed(type_meta.get(1, ""), type_meta.get(2, ""), wrapper.get(2, b""))
    except (ValueError, IndexError, TypeError, struct.error) as err:
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
    return result


def _put(result: Obj, field: tuple[str, str, str], value: Any) -> None:
    name, type_, shape = field
    if shape == "map":
        entry = dict(_wire(value))
        result.setdefault(name, {})[bytes(entry.get(1, b"")).decode()] = _value(entry.get(2, b""), type_)
    elif shape == "list":
        packed = type_ == "int" and isinstance(value, bytes)
        result.setdefault(name, []).extend(_packed(value) if packed else [_value(value, type_)])
    elif name == "":
        result.update(_value(value, type_))
    else:
        read = _value(value, type_)
        # What is no pointer in Go is always sent, and means nothing when it is empty.
        if shape == "pointer" or (read not in ("", 0, False, None) and read != {}):
            result[name] = read


def _value(value: Any, type_: str) -> Any:
    scalar = _SCALARS.get(type_)
    if scalar:
        return scalar(value)
    return _message(value, type_)


def _int(value: int) -> int:
    """Negative numbers travel as their 64-bit complement."""
    return value - (1 << 64) if value >> 63 else value


_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "string": lambda value: bytes(value).decode(),
    "bytes": lambda value: base64.b64encode(value).decode(),
    "bool": bool,
    "int": _int,
    "double": lambda value: struct.unpack("<d", value)[0],
}


def _time(raw: bytes, timespec: str = "seconds") -> str | None:
    """None for the zero time, which is how a missing one is sent."""
    fields = dict(_wire(raw))
    if not fields:
        return None
    moment = datetime.fromtimestamp(_int(fields.get(1, 0)), UTC).replace(microsecond=fields.get(2, 0) // 1000)
    return moment.isoformat(timespec=timespec).replace("+00:00", "Z")


def _int_or_string(raw: bytes) -> int | str:
    fields = dict(_wire(raw))
    return bytes(fields.get(3, b"")).decode() if fields.get(1) else _int(fields.get(2, 0))


def _json(raw: bytes) -> Any:
    return decode(dict(_wire(raw)).get(1, b"null"))


def _schema_or_list(raw: bytes) -> Any:
    parts = [_message(value, f"{_JSON_SCHEMA}JSONSchemaProps") for number, value in _wire(raw) if number == 2]
    return parts or _schema_in(raw, 1)


def _schema_or_bool(raw: bytes) -> Any:
    fields = dict(_wire(raw))
    return _schema_in(raw, 2) if 2 in fields else bool(fields.get(1))


def _schema_or_names(raw: bytes) -> Any:
    names = [value.decode() for number, value in _wire(raw) if number == 2]
    return names or _schema_in(raw, 1)


def _schema_in(raw: bytes, number: int) -> Any:
    return _message(dict(_wire(raw)).get(number, b""), f"{_JSON_SCHEMA}JSONSchemaProps")


_SPECIAL: Mapping[str, Callable[[bytes], Any]] = {
    f"{_META}Time": _time,
    f"{_META}MicroTime": lambda raw: _time(raw, "microseconds"),
    f"{_META}FieldsV1": _json,
    "io.k8s.apimachinery.pkg.api.resource.Quantity": lambda raw: bytes(dict(_wire(raw)).get(1, b"0")).decode(),
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
    result = shift = 0
    while True:
        byte = raw[at]
        result |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return result, at
        shift += 7


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


def _messages() -> Mapping[str, Fields]:
    held: Mapping[str, Fields] = _document()["messages"]
    return held


def _kinds() -> Mapping[str, str]:
    held: Mapping[str, str] = _document()["kinds"]
    return held
