"""Protobuf on the wire: what empty means, special types, every kind there and back, and bodies nobody should send."""

import base64
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flotilla_common.objects import Obj
from flotilla_hub.api import protobuf
from flotilla_hub.api.protobuf import decode_protobuf
from flotilla_hub.api.status_errors import Denied
from flotilla_hub.resources.builtin import BUILTIN

_MESSAGES, _KINDS = protobuf._messages(), protobuf._kinds()
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"


def part(number: int, value: int | str | bytes | float) -> bytes:
    match value:
        case float():
            return varint(number << 3 | 1) + struct.pack("<d", value)
        case int():
            return varint(number << 3) + varint(value)
        case _:
            raw = value.encode() if isinstance(value, str) else value
            return varint(number << 3 | 2) + varint(len(raw)) + raw


def varint(value: int) -> bytes:
    left, out = value & (1 << 64) - 1, bytearray()
    while left > 0x7F:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes([*out, left])


def body(api_version: str, kind: str, raw: bytes) -> bytes:
    return b"k8s\x00" + part(1, part(1, api_version) + part(2, kind)) + part(2, raw)


def read(gvk: str, raw: bytes) -> Obj:
    """The decoded object without what says its kind."""
    api_version, kind = gvk.split()
    return {k: v for k, v in decode_protobuf(body(api_version, kind, raw)).items() if k not in ("apiVersion", "kind")}


CRD = "apiextensions.k8s.io/v1 CustomResourceDefinition"
CLAIM = "v1 PersistentVolumeClaim"

ROLE = "rbac.authorization.k8s.io/v1 Role"
PRIORITY = "scheduling.k8s.io/v1 PriorityClass"
KINDLESS = part(2, part(7, part(2, "Bucket")))
EMPTY = [
    pytest.param(PRIORITY, part(2, 0) + part(3, 0), {"value": 0}, id="a-required-zero-stays"),
    pytest.param("v1 ServiceAccount", part(4, 0), {"automountServiceAccountToken": False}, id="a-pointer-stays"),
    pytest.param("v1 Service", part(2, part(3, "") + part(13, 0)) + part(3, b""), {}, id="what-nobody-set-goes"),
    pytest.param("v1 ConfigMap", part(1, part(8, b"")), {}, id="the-zero-time-goes"),
    pytest.param("v1 ConfigMap", part(2, part(1, "k") + part(2, "")), {"data": {"k": ""}}, id="an-empty-entry-stays"),
    pytest.param("v1 ConfigMap", part(2, part(1, "k")), {"data": {"k": ""}}, id="an-entry-needs-no-value"),
    pytest.param(ROLE, b"", {"rules": None}, id="a-required-list-is-null"),
    pytest.param(CLAIM, KINDLESS, {"spec": {"dataSource": {"apiGroup": None, "kind": "Bucket"}}}, id="so-is-a-pointer"),
    pytest.param("v1 ConfigMap", part(99, "new") + part(98, 7) + part(97, 1.5), {}, id="fields-of-a-newer-client-go"),
]


@pytest.mark.parametrize(("gvk", "raw", "expected"), EMPTY)
def test_empty_is_what_it_would_be_in_json(gvk: str, raw: bytes, expected: Obj) -> None:
    assert read(gvk, raw) == expected


SPECIAL = [
    pytest.param(part(8, part(1, '{"a":[1,null]}')), {"default": {"a": [1, None]}}, id="free-json"),
    pytest.param(part(8, b""), {"default": None}, id="no-json-at-all-is-null"),
    pytest.param(part(9, 0.0) + part(11, 2.5), {"maximum": 0, "minimum": 2.5}, id="whole-numbers-have-no-fraction"),
    pytest.param(part(24, part(1, part(5, "x"))), {"items": {"type": "x"}}, id="one-schema-for-all-items"),
    pytest.param(part(24, part(2, b"") + part(2, b"")), {"items": [{}, {}]}, id="a-schema-for-each-item"),
    pytest.param(part(30, part(1, 1)), {"additionalProperties": True}, id="any-property"),
    pytest.param(part(30, part(1, 0)), {"additionalProperties": False}, id="no-property"),
    pytest.param(part(30, part(2, part(5, "x"))), {"additionalProperties": {"type": "x"}}, id="some-properties"),
    pytest.param(part(32, part(1, "a") + part(2, part(2, "b"))), {"dependencies": {"a": ["b"]}}, id="needs-fields"),
]


@pytest.mark.parametrize(("raw", "expected"), SPECIAL)
def test_schemas_of_definitions_have_forms_of_their_own(raw: bytes, expected: Obj) -> None:
    version = part(1, "v1") + part(2, 1) + part(3, 0) + part(4, part(1, raw))
    held = read(CRD, part(2, part(1, "g") + part(7, version)))["spec"]["versions"]
    assert held == [{"name": "v1", "served": True, "storage": False, "schema": {"openAPIV3Schema": expected}}]


BAD = [
    pytest.param(part(1, 1 << 62), "a number where text or a message belongs", id="a-number-for-a-message"),
    pytest.param(part(1, part(1, 1 << 62)), "a number where text", id="a-number-for-text-is-not-a-length"),
    pytest.param(part(1, part(7, "x")), "text or a message where a number belongs", id="text-for-a-number"),
    pytest.param(b"\xff" * 1_000_000, "has no end", id="an-endless-number"),
    pytest.param(b"\x0a\x80", "has no end", id="a-number-cut-off"),
    pytest.param(b"\x0a\x05abc", "cut off", id="text-cut-off"),
    pytest.param(b"\x0b\x0c", "wire type 3", id="a-group"),
    pytest.param(part(1, part(1, b"\xff\xfe")), "utf-8", id="text-that-is-none"),
    pytest.param(part(1, part(8, part(1, 1 << 61))), "could not be read", id="a-time-out-of-range"),
    pytest.param(part(1, part(17, part(7, part(1, "{")))), "could not be read", id="json-that-is-none"),
]


@pytest.mark.parametrize(("raw", "why"), BAD)
def test_a_broken_body_is_refused_with_the_reason(raw: bytes, why: str) -> None:
    with pytest.raises(Denied, match=why) as refused:
        read("v1 ConfigMap", raw)
    assert refused.value.code == 400


def test_schemas_nested_without_end_are_refused() -> None:
    raw = b""
    for _ in range(5000):
        raw = part(28, raw)
    with pytest.raises(Denied, match="depth"):
        read(CRD, part(2, part(7, part(4, part(1, raw)))))


def test_every_kind_of_kubernetes_can_be_sent() -> None:
    upstream = {str(resource.gvk()) for resource in BUILTIN if resource.upstream}
    assert upstream - _KINDS.keys() == set()


_TEXT = st.text(max_size=5)
_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": _TEXT,
    "bytes": st.binary(max_size=5).map(lambda raw: base64.b64encode(raw).decode()),
    "bool": st.booleans(),
    "int": st.integers(-(1 << 63), (1 << 63) - 1),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    _QUANTITY: st.sampled_from(["0", "100m", "1.5Gi"]),
    _INT_OR_STRING: st.integers(-(1 << 31), (1 << 31) - 1) | _TEXT,
}


def _encoded(value: Any, type_: str) -> int | str | bytes | float:
    if type_ == _QUANTITY:
        return part(1, value)
    if type_ == _INT_OR_STRING:
        return part(1, 1) + part(3, value) if isinstance(value, str) else part(1, 0) + part(2, value)
    if type_ == "bytes":
        return base64.b64decode(value)
    if type_ == "double":
        return float(value)
    if type_ in _SCALARS:
        plain: int | str = value
        return plain
    return b"".join(_fields(value, type_))


def _fields(value: Obj, type_: str) -> list[bytes]:
    """The fields `value` has, and nothing of what a real client adds."""
    parts: list[bytes] = []
    for number, (name, of, shape, _) in _MESSAGES[type_].items():
        held = value.get(name)
        if shape == "map":
            entries = (held or {}).items()
            parts += [part(int(number), part(1, k) + part(2, _encoded(v, of))) for k, v in entries]
        elif shape == "list":
            parts += [part(int(number), _encoded(v, of)) for v in held or ()]
        elif held is not None:
            parts.append(part(int(number), _encoded(held, of)))
    return parts


@st.composite
def _values(draw: st.DrawFn, type_: str, depth: int) -> Any:
    """A value whose JSON is unambiguous: nothing empty where empty is dropped, null where it is null."""
    if type_ in _SCALARS:
        return draw(_SCALARS[type_])
    fields = {f[0]: f for f in _MESSAGES[type_].values() if f[0] and _is_drawn(f[1], depth)}
    value: Obj = {f[0]: None for f in _MESSAGES[type_].values() if f[3] == "null"}
    for name in draw(st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=4) if fields else st.just([])):
        _, of, shape, empty = fields[name]
        one = _values(of, depth - 1)
        many = {
            "list": st.lists(one, min_size=1, max_size=2),
            "map": st.dictionaries(_TEXT, one, min_size=1, max_size=2),
        }
        drawn = draw(many.get(shape, one))
        if drawn or empty == "kept":
            value[name] = drawn
    return value


def _is_drawn(type_: str, depth: int) -> bool:
    return type_ in _SCALARS or (depth > 0 and type_ in _MESSAGES and type_ not in protobuf._SPECIAL)


@st.composite
def _objects(draw: st.DrawFn) -> tuple[str, Obj]:
    gvk = draw(st.sampled_from(sorted(gvk for gvk in _KINDS if " " in gvk)))
    return gvk, draw(_values(_KINDS[gvk], 5))


@settings(max_examples=200, deadline=None)
@given(_objects())
def test_every_kind_goes_there_and_back(drawn: tuple[str, Obj]) -> None:
    gvk, obj = drawn
    assert read(gvk, b"".join(_fields(obj, _KINDS[gvk]))) == obj


@settings(max_examples=300, deadline=None)
@given(_objects(), st.data())
def test_no_damage_does_more_than_be_refused(drawn: tuple[str, Obj], data: st.DataObject) -> None:
    gvk, obj = drawn
    raw = bytearray(b"".join(_fields(obj, _KINDS[gvk])) + b"\x00")
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        read(gvk, bytes(raw))
    except Denied as refused:
        assert refused.code == 400
