"""The JSONPath that CustomResourceDefinitions use for columns: a path of keys, `[n]`, `[*]` and `[?(@.a=="b")]`.

Compiled once per column. It selects and never fails: what is not there is not in the answer.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from flotilla_common.errors import FieldError, Invalid

__all__ = ["JSONPath", "compile_path"]

JSONPath = Callable[[Any], list[Any]]
_Step = Callable[[Any], Iterator[Any]]

_TOKEN = re.compile(
    r"""\.?(?P<key>(?:\\.|[^.\[\]\\\s])+)        # .status or .labels.a\.b
    |\[\s*(?P<index>-?\d+)\s*\]                  # [0]
    |\[\s*(?P<all>\*)\s*\]                       # [*]
    |\[\s*(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\s*\]   # ['a.b']
    |\[\?\(\s*@(?P<left>[^=!<>]*?)\s*(?P<op>==|!=)\s*(?P<right>"[^"]*"|'[^']*'|[^)]+?)\s*\)\]""",
    re.VERBOSE,
)


def compile_path(text: str) -> JSONPath:
    """Raises Invalid for a path that uses more than this."""
    inner = text.strip().removeprefix("{").removesuffix("}").removeprefix("$")
    steps = tuple(_steps(inner, text))

    def select(value: Any) -> list[Any]:
        found = [value]
        for step in steps:
            found = [result for one in found for result in step(one)]
        return found

    return select


def _steps(inner: str, text: str) -> Iterator[_Step]:
    at = 0
    while at < len(inner):
        token = _TOKEN.match(inner, at)
        if token is None:
            raise Invalid(f"JSONPath {text!r}", [FieldError("jsonPath", f"cannot read it from {inner[at:]!r}")])
        at = token.end()
        yield _step(token)


def _step(token: re.Match[str]) -> _Step:
    if token["index"] is not None:
        return _at(int(token["index"]))
    if token["all"] or token["key"] == "*":
        return _each
    if token["op"]:
        return _where(token["left"], token["op"], token["right"])
    return _named(token["quoted"] if token["quote"] else re.sub(r"\\(.)", r"\1", token["key"]))


def _named(key: str) -> _Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and value.get(key) is not None:
            yield value[key]

    return step


def _at(index: int) -> _Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, list) and -len(value) <= index < len(value):
            yield value[index]

    return step


def _each(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict):
        yield from value.values()


def _where(left: str, op: str, right: str) -> _Step:
    select = compile_path(left)
    wanted = right[1:-1] if right[0] in "\"'" else right

    def step(value: Any) -> Iterator[Any]:
        for one in value if isinstance(value, list) else ():
            found = select(one)
            if bool(found and _word(found[0]) == wanted) == (op == "=="):
                yield one

    return step


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
