"""Objects against schemas: rules, unknown fields, pruning, defaults."""

from copy import deepcopy
from typing import Any

import pytest

from flotilla_common.objects import GVK
from flotilla_hub.admission.schema import defaulted, pruned, unknown_fields, violations
from flotilla_hub.resources.schemas import schema_of

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
INT_OR_STRING = {"x-kubernetes-int-or-string": True, "anyOf": [INTEGER, STRING]}


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


RULES = [
    pytest.param("x", INTEGER, "FieldValueTypeInvalid", id="another-type"),
    pytest.param(True, INTEGER, "FieldValueTypeInvalid", id="a-boolean-is-no-number"),
    pytest.param(1.0, INTEGER, None, id="a-whole-number-is-an-integer"),
    pytest.param(1.5, INTEGER, "FieldValueTypeInvalid", id="a-fraction-is-not"),
    pytest.param(None, STRING, "FieldValueTypeInvalid", id="null"),
    pytest.param(None, {**STRING, "nullable": True}, None, id="null-where-it-may-be"),
    pytest.param(80, INT_OR_STRING, None, id="an-int-for-int-or-string"),
    pytest.param("http", INT_OR_STRING, None, id="a-string-for-int-or-string"),
    pytest.param([], INT_OR_STRING, "FieldValueTypeInvalid", id="a-list-for-int-or-string"),
    pytest.param("c", {**STRING, "enum": ["a", "b"]}, "FieldValueNotSupported", id="not-in-the-enum"),
    pytest.param("ab", {**STRING, "pattern": "^a$"}, "FieldValueInvalid", id="against-the-pattern"),
    pytest.param("ab", {**STRING, "pattern": r"\p{Greek}"}, "FieldValueInvalid", id="a-pattern-python-cannot-read"),
    pytest.param("ab", {**STRING, "pattern": "[^[]$"}, None, id="a-pattern-that-cannot-be-checked"),
    pytest.param("a" * 9999 + "b", {**STRING, "pattern": "^(a+)+$"}, "FieldValueInvalid", id="a-pattern-that-explodes"),
    pytest.param("a" * 65537, {**STRING, "pattern": "a"}, "FieldValueTooLong", id="too-long-for-any-pattern"),
    pytest.param("ab", {**STRING, "maxLength": 1}, "FieldValueTooLong", id="too-long"),
    pytest.param("", {**STRING, "minLength": 1}, "FieldValueInvalid", id="too-short"),
    pytest.param(0, {**INTEGER, "minimum": 1}, "FieldValueInvalid", id="too-small"),
    pytest.param(
        1, {**INTEGER, "minimum": 1, "exclusiveMinimum": True}, "FieldValueInvalid", id="at-an-exclusive-bound"
    ),
    pytest.param(9, {**INTEGER, "maximum": 8}, "FieldValueInvalid", id="too-big"),
    pytest.param(2**31, {**INTEGER, "format": "int32"}, "FieldValueInvalid", id="beyond-its-format"),
    pytest.param(3, {**INTEGER, "multipleOf": 2}, "FieldValueInvalid", id="no-multiple"),
    pytest.param("soon", {**STRING, "format": "date-time"}, "FieldValueInvalid", id="no-time"),
    pytest.param("2030-01-31T12:00:00Z", {**STRING, "format": "date-time"}, None, id="a-time"),
    pytest.param("a", {**STRING, "format": "byte"}, "FieldValueInvalid", id="no-base64"),
    pytest.param([], {"type": "array", "minItems": 1}, "FieldValueInvalid", id="too-few"),
    pytest.param([1, 1], {"type": "array", "uniqueItems": True}, "FieldValueDuplicate", id="twice-in-a-set"),
    pytest.param({}, {"type": "object", "required": ["a"]}, "FieldValueRequired", id="missing"),
    pytest.param({"a": 1}, {"type": "object", "maxProperties": 0}, "FieldValueTooLong", id="too-many-keys"),
    pytest.param(1, {"oneOf": [{"minimum": 1}, {"maximum": 1}]}, "FieldValueInvalid", id="more-than-one-of"),
    pytest.param(5, {"anyOf": [{"maximum": 1}, {"minimum": 9}]}, "FieldValueInvalid", id="none-of-any"),
    pytest.param(5, {"not": {"minimum": 1}}, "FieldValueForbidden", id="what-must-not-be"),
    pytest.param({"any": [1, {"thing": None}]}, {}, None, id="anything-without-a-schema"),
]


@pytest.mark.parametrize(("value", "schema", "kind"), RULES)
def test_a_value_breaks_a_rule(value: Any, schema: Any, kind: str | None) -> None:
    assert [e.kind for e in violations(value, schema, "spec")] == ([kind] if kind else [])


PATHS = [
    pytest.param({"a": {"b": "x"}}, of(a=of(b=INTEGER)), "a.b", id="through-maps"),
    pytest.param({"a": [1, "x"]}, of(a={"type": "array", "items": INTEGER}), "a[1]", id="through-lists"),
    pytest.param({"a": {"k": "x"}}, of(a={"type": "object", "additionalProperties": INTEGER}), "a.k", id="any-key"),
    pytest.param(
        {"a": [{"n": "x"}, {"n": "x"}]},
        of(
            a={
                "type": "array",
                "items": of(n=STRING),
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["n"],
            }
        ),
        "a[1]",
        id="a-repeated-list-key",
    ),
]


@pytest.mark.parametrize(("value", "schema", "path"), PATHS)
def test_a_broken_rule_names_the_field(value: Any, schema: Any, path: str) -> None:
    assert [e.path for e in violations(value, schema)] == [path]


def test_null_is_absent_for_kubernetes_own_kinds() -> None:
    assert list(violations({"a": None}, of(a=STRING), null_is_absent=True)) == []


OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
UNKNOWN = [
    pytest.param({"a": "", "b": 1}, of(a=STRING), ["b"], {"a": ""}, id="a-key"),
    pytest.param(
        {"a": [{"b": 1}]}, of(a={"type": "array", "items": of(c=STRING)}), ["a[0].b"], {"a": [{}]}, id="in-a-list"
    ),
    pytest.param({"a": {"b": 1}}, of(a=OPEN), [], {"a": {"b": 1}}, id="none-where-all-are-kept"),
    pytest.param(
        {"a": {"b": {"c": 1}}}, of(a={**OPEN, **of(b=of())}), ["a.b.c"], {"a": {"b": {}}}, id="below-what-is-kept"
    ),
    pytest.param({"a": {"b": 1}}, of(a={"type": "object"}), [], {"a": {"b": 1}}, id="none-in-an-object-of-no-shape"),
]


@pytest.mark.parametrize(("value", "schema", "paths", "kept"), UNKNOWN)
def test_unknown_fields_are_named_and_pruned(value: Any, schema: Any, paths: list[str], kept: Any) -> None:
    before = deepcopy(value)
    assert ([e.path for e in unknown_fields(value, schema)], pruned(value, schema)) == (paths, kept)
    assert value == before


DEFAULTS = [
    pytest.param({}, of(a={**STRING, "default": "x"}), {"a": "x"}, id="what-is-missing"),
    pytest.param({"a": "y"}, of(a={**STRING, "default": "x"}), {"a": "y"}, id="not-what-is-there"),
    pytest.param({"a": None}, of(a={**STRING, "default": "x"}), {"a": "x"}, id="null"),
    pytest.param(
        {"a": None}, of(a={**STRING, "default": "x", "nullable": True}), {"a": None}, id="not-a-null-that-may-be"
    ),
    pytest.param({}, of(a=of(b={**STRING, "default": "x"})), {}, id="not-inside-what-is-missing"),
    pytest.param(
        {}, of(a={**of(b={**STRING, "default": "x"}), "default": {}}), {"a": {"b": "x"}}, id="inside-a-default"
    ),
    pytest.param([{}], {"type": "array", "items": of(a={"default": 1})}, [{"a": 1}], id="in-lists"),
]


@pytest.mark.parametrize(("value", "schema", "expected"), DEFAULTS)
def test_defaults_fill_in(value: Any, schema: Any, expected: Any) -> None:
    before = deepcopy(value)
    assert defaulted(value, schema) == expected
    assert value == before


BUILT_IN = [
    pytest.param({"spec": {"replicas": "3"}}, ["spec.replicas"], id="replicas-in-quotes"),
    pytest.param({"spec": {"strategy": {"rollingUpdate": {"maxSurge": "25%"}}}}, [], id="a-percentage"),
    pytest.param({"spec": {"strategy": {"rollingUpdate": {"maxSurge": 1}}}}, [], id="a-count"),
    pytest.param(
        {"spec": {"template": {"spec": {"containers": [{"name": "c", "resources": {"limits": {"cpu": 1}}}]}}}},
        [],
        id="a-quantity-as-a-number",
    ),
    pytest.param(
        {"spec": {"template": {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": "x"}]}]}}}},
        ["spec.template.spec.containers[0].ports[0].containerPort"],
        id="a-port-that-is-no-number",
    ),
]


@pytest.mark.parametrize(("value", "paths"), BUILT_IN)
def test_deployments_are_checked_against_kubernetes_own_schema(value: Any, paths: list[str]) -> None:
    schema = schema_of(GVK("apps", "v1", "Deployment"))
    assert schema is not None
    found = violations(value, schema, null_is_absent=True)
    assert [e.path for e in found if e.kind != "FieldValueRequired"] == paths
