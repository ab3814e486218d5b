"""The OpenAPI v2 document in protobuf, by hand: kubectl's client-side apply will not start without it. Pure.

Field numbers are those of gnostic's OpenAPIv2.proto; only the few messages kubectl reads are written.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flotilla_common.objects import encode

__all__ = ["PROTOBUF_TYPE", "document_proto"]

PROTOBUF_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
"""What is answered. Clients ask for it with an `@` before the version, which they cannot read back."""

_PATCH_PARAMETERS = ("dryRun", "fieldValidation")


def document_proto(info: Mapping[str, str], paths: Mapping[str, Any], schemas: Mapping[str, Any]) -> bytes:
    """`paths` maps a path to the kind its PATCH is for, `schemas` a name to its schema."""
    path_items = b"".join(_message(2, _named(path, _path_item(gvk))) for path, gvk in paths.items())
    definitions = b"".join(_message(1, _named(name, _schema(schema))) for name, schema in schemas.items())
    return b"".join(
        (
            _text(1, "2.0"),
            _message(2, _text(1, info["title"]) + _text(2, info["version"])),
            _message(8, path_items),
            _message(9, definitions) if definitions else b"",
        )
    )


def _path_item(gvk: Mapping[str, str]) -> bytes:
    parameters = b"".join(_message(8, _query_parameter(name)) for name in _PATCH_PARAMETERS)
    ok = _message(1, _named("200", _message(1, _text(1, "OK"))))
    operation = parameters + _message(9, ok) + _extension(13, "x-kubernetes-group-version-kind", gvk)
    return _message(8, operation)


def _query_parameter(name: str) -> bytes:
    """ParametersItem.parameter > non_body_parameter > query_parameter_sub_schema."""
    sub_schema = _text(2, "query") + _text(4, name) + _text(6, "string")
    return _message(1, _message(2, _message(3, sub_schema)))


def _schema(schema: Mapping[str, Any]) -> bytes:
    if isinstance(schema.get("$ref"), str):
        return _text(1, schema["$ref"])
    parts = [_text(2, str(schema["format"])) if schema.get("format") else b""]
    if schema.get("description"):
        parts.append(_text(4, str(schema["description"])))
    parts.extend(_text(19, str(name)) for name in schema.get("required") or ())
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        parts.append(_message(21, _message(1, _schema(extra))))
    # Version 2 has no oneOf: a scalar of two types is called a string there.
    type_ = "string" if schema.get("oneOf") else schema.get("type")
    if type_ and not schema.get("x-kubernetes-int-or-string"):
        parts.append(_message(22, _text(1, str(type_))))
    if isinstance(schema.get("items"), dict):
        parts.append(_message(23, _message(1, _schema(schema["items"]))))
    parts.extend(_properties(schema.get("properties") or {}))
    parts.extend(_extension(31, k, v) for k, v in schema.items() if k.startswith("x-kubernetes-"))
    return b"".join(parts)


def _properties(properties: Mapping[str, Any]) -> Iterable[bytes]:
    if properties:
        yield _message(25, b"".join(_message(1, _named(n, _schema(s))) for n, s in properties.items()))


def _extension(number: int, name: str, value: Any) -> bytes:
    """NamedAny: kubectl reads the value from its YAML, and JSON is YAML."""
    return _message(number, _named(name, _text(2, encode(value).decode())))


def _named(name: str, value: bytes) -> bytes:
    return _text(1, name) + _message(2, value)


def _text(number: int, text: str) -> bytes:
    return _message(number, text.encode())


def _message(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
