"""Patterns of schemas, matched by an engine that takes linear time whatever the pattern: anybody may send one. Pure.

Kubernetes means Go's dialect, to which that of Rust, which pydantic brings along, is closer than Python's.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from pydantic_core import SchemaError, SchemaValidator, core_schema

from flotilla_common.errors import FieldError

from .fields import invalid

__all__ = ["LONGEST", "is_match", "pattern_flaws"]

LONGEST = 64 * 1024
"""Characters of a string that has a pattern; longer ones are refused unread."""


def is_match(pattern: str, value: str) -> bool:
    """Whether `pattern` is found in `value`. True for what the engine cannot read: that is no reason to refuse."""
    matcher = _compiled(pattern)
    return matcher is None or matcher.isinstance_python(value)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> SchemaValidator | None:
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    except SchemaError:
        return None


def pattern_flaws(schema: Any, path: str) -> Iterator[FieldError]:
    """The patterns in `schema`, at `path` of its definition, that are no regular expressions in any dialect."""
    waiting = [(path, schema)]
    while waiting:
        at, one = waiting.pop()
        if not isinstance(one, dict):
            continue
        pattern = one.get("pattern")
        if isinstance(pattern, str) and (why := _flaw_of(pattern)):
            yield invalid(f"{at}.pattern", pattern, f"must be a regular expression: {why}")
        waiting.extend(_parts(one, at))


def _parts(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for key in ("items", "additionalProperties", "not"):
        yield f"{path}.{key}", schema.get(key)
    for key in ("allOf", "anyOf", "oneOf"):
        yield from ((f"{path}.{key}[{index}]", part) for index, part in enumerate(schema.get(key) or ()))
    for name, part in (schema.get("properties") or {}).items():
        yield f"{path}.properties[{name}]", part


def _flaw_of(pattern: str) -> str | None:
    if _compiled(pattern):
        return None
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as err:
        return str(err)
    return None
