"""Label and field selectors of list and watch requests, compiled once per request. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flotilla_common.objects import Obj, labels_of
from flotilla_hub.admission.syntax import not_a_label_key, not_a_label_value
from flotilla_hub.resources.schemas import object_meta

from .status_errors import Denied

__all__ = ["Selection", "selection"]

Labels = Mapping[str, str]

_REQUIREMENT = re.compile(
    r"\s*(?:(?P<key>[^\s=!,()]+)\s+(?P<set>in|notin)\s*\((?P<values>[^)]*)\)"
    r"|(?P<name>[^\s=!,()]+)\s*(?P<op>==|=|!=)\s*(?P<value>[-\w.]*)"
    r"|!\s*(?P<absent>[^\s=!,()]+)|(?P<present>[^\s=!,()]+))\s*(?:,|$)"
)


@dataclass(frozen=True)
class Selection:
    """What was asked for. `name` and `namespace` come from field selectors and need no look inside the object.

    `needles` are bytes an object's JSON must hold to match, which spares decoding most of those that do not.
    """

    labels: tuple[Callable[[Labels], bool], ...] = ()
    fields: tuple[tuple[str, bool, str], ...] = ()
    needles: tuple[bytes, ...] = ()
    name: str | None = None
    namespace: str | None = None

    @property
    def is_open(self) -> bool:
        """Everything matches."""
        return not self.looks_inside and self.name is None and self.namespace is None

    @property
    def looks_inside(self) -> bool:
        return bool(self.labels or self.fields)

    def matches(self, namespace: str, name: str, json: bytes, decode: Callable[[], Obj]) -> bool:
        if self.name not in (None, name) or self.namespace not in (None, namespace):
            return False
        if not self.looks_inside:
            return True
        if not all(needle in json for needle in self.needles):
            return False
        obj = decode()
        labels = labels_of(obj)
        return all(test(labels) for test in self.labels) and all(
            (_at(obj, p) == v) is wanted for p, wanted, v in self.fields
        )


def selection(label_selector: str, field_selector: str, schema: Mapping[str, Any] | None = None) -> Selection:
    """Raises Denied (400) for what cannot be read, and for a field that no object with this schema has."""
    needles: list[bytes] = []
    labels = tuple(_label_tests(label_selector, needles))
    exact: dict[str, str] = {}
    fields = []
    for path, wanted, value in _field_tests(field_selector):
        _require_known(path, schema)
        # A second term on the same field is one more condition, even if nothing can meet both.
        if wanted and path in ("metadata.name", "metadata.namespace") and path not in exact:
            exact[path] = value
        else:
            fields.append((path, wanted, value))
    name, namespace = exact.get("metadata.name"), exact.get("metadata.namespace")
    return Selection(labels, tuple(fields), tuple(needles), name, namespace)


def _require_known(path: str, schema: Mapping[str, Any] | None) -> None:
    """Any field that holds one value may be selected by, which is more than Kubernetes has."""
    at: Mapping[str, Any] | None = {"additionalProperties": {}} if schema is None else schema
    root, *rest = path.split(".")
    if root == "metadata" and rest:
        root, at = rest.pop(0), object_meta()
    elif schema is None and root not in ("spec", "status"):
        at = None
    for key in (root, *rest):
        at = _part(at, key)
    if at is None or at.get("type") in ("object", "array"):
        raise Denied(400, "BadRequest", f"field label not supported: {path}")


def _part(schema: Mapping[str, Any] | None, key: str) -> Mapping[str, Any] | None:
    """The schema of one field; None where there can be none, and {} where anything may be."""
    if schema is None or schema.get("type") in ("string", "integer", "number", "boolean", "array"):
        return None
    properties, others = schema.get("properties") or {}, schema.get("additionalProperties")
    if key in properties:
        found: Mapping[str, Any] = properties[key]
        return found
    if isinstance(others, dict):
        return others
    is_open = others is True or schema.get("x-kubernetes-preserve-unknown-fields") or not schema.get("properties")
    return {} if is_open else None


def _label_tests(text: str, needles: list[bytes]) -> Iterator[Callable[[Labels], bool]]:
    at, is_open = 0, False
    while at < len(text) or is_open:
        found = _REQUIREMENT.match(text, at)
        if found is None or _is_misspelt(found):
            raise Denied(400, "BadRequest", f"unable to parse requirement: {text[at:]!r} in label selector {text!r}")
        # What follows a comma must be there.
        at, is_open = found.end(), found[0].endswith(",")
        if found["op"] in ("=", "=="):
            needles.append(f'"{found["name"]}":"{found["value"]}"'.encode())
        yield _label_test(found)


def _is_misspelt(found: re.Match[str]) -> bool:
    """Reads like a requirement, of what can be no label: `a>1`, `a=-`."""
    key = found["key"] or found["name"] or found["absent"] or found["present"]
    values = (found["values"] or "").split(",") if found["set"] else [found["value"] or ""]
    return bool(not_a_label_key(key)) or any(not_a_label_value(value.strip()) for value in values)


def _label_test(found: re.Match[str]) -> Callable[[Labels], bool]:
    if found["set"]:
        key, values = found["key"], frozenset(v.strip() for v in found["values"].split(","))
        if found["set"] == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if found["op"]:
        name, value = found["name"], found["value"]
        return (
            (lambda labels: labels.get(name) != value)
            if found["op"] == "!="
            else lambda labels: labels.get(name) == value
        )
    if found["absent"]:
        absent = found["absent"]
        return lambda labels: absent not in labels
    present = found["present"]
    return lambda labels: present in labels


def _field_tests(text: str) -> Iterator[tuple[str, bool, str]]:
    """(path, is equal, value)"""
    for part in filter(None, re.split(r"(?<!\\),", text)):
        found = re.fullmatch(r"\s*([^=!]+?)\s*(==|=|!=)(.*)", part)
        if found is None:
            raise Denied(400, "BadRequest", f"invalid field selector {text!r}; can't understand {part!r}")
        yield found[1], found[2] != "!=", re.sub(r"\\(.)", r"\1", found[3].strip())


def _at(obj: Any, path: str) -> str:
    for key in path.split("."):
        obj = obj.get(key) if isinstance(obj, dict) else None
    return "" if obj is None else str(obj).lower() if isinstance(obj, bool) else str(obj)
