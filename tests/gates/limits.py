"""Limits of one file: its size, its functions, its name, its first line, and words it may not hold."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.gates.tree import Source, Tree

__all__ = [
    "HARD_FILE",
    "HARD_FUNCTION",
    "LONG_FILES",
    "SOFT_FILE",
    "SOFT_FUNCTION",
    "file_names",
    "file_sizes",
    "first_lines",
    "forbidden_words",
    "function_sizes",
    "functions",
]

SOFT_FILE, HARD_FILE = 250, 500
SOFT_FUNCTION, HARD_FUNCTION = 25, 60
LONG_FILES: dict[str, str] = {
    "tests/flow/test_feed.py": "one law, that nothing is missed or told twice, over every way a connection can break",
    "tests/flow/test_hub_pipeline.py": "one running hub, and what each thing a user does to it must lead to",
    "tests/kube/cluster.py": "one class, one story: everything a test may do to a real cluster",
}
"""Why a file is longer than SOFT_FILE lines. One line each; an entry that is no longer needed fails too."""

VAGUE_NAMES = frozenset(("utils", "util", "helpers", "helper", "misc", "common_utils"))
# Written so that no pattern finds itself.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.~$}*-])/(?:work|root|home)/\w"),
    "the address of a package index": re.compile(
        r"pypi[.]org|pythonhosted[.]org|(?:proxy|sum)[.]golang[.]org|npmjs[.]org"
    ),
    "a package index option": re.compile(r"(?:extra-|default-)?index-url\s*[=:]?\s*https?:|trusted-host\s*=", re.ASCII),
}


def file_sizes(tree: Tree) -> Iterator[str]:
    long = {source.path: source.lines for source in tree.python() if source.lines > SOFT_FILE}
    for path, lines in long.items():
        if lines > HARD_FILE:
            yield f"{path}: {lines} lines, more than {HARD_FILE}; split it by what its first line says it owns"
        elif path not in LONG_FILES:
            yield f"{path}: {lines} lines, more than {SOFT_FILE}; split it, or give a reason in LONG_FILES"
    for path in LONG_FILES.keys() - long.keys():
        if path in tree.places:
            yield f"{path}: no longer over {SOFT_FILE} lines; take it out of LONG_FILES"


def function_sizes(tree: Tree) -> Iterator[str]:
    for source, name, lines in functions(tree):
        if lines > HARD_FUNCTION:
            yield f"{source.path}: {name} has {lines} lines, more than {HARD_FUNCTION}; name its parts"


def file_names(tree: Tree) -> Iterator[str]:
    for source in tree.sources:
        if VAGUE_NAMES & {part.rsplit(".", 1)[0] for part in Path(source.path).parts}:
            yield f"{source.path}: says nothing about what is in it; name it after what it owns"


def first_lines(tree: Tree) -> Iterator[str]:
    for source in tree.python():
        if source.text.strip() and ast.get_docstring(source.syntax) is None:
            yield f"{source.path}: does not introduce itself; say in its first line what it owns"


def forbidden_words(tree: Tree) -> Iterator[str]:
    for source in tree.sources:
        for number, line in enumerate(source.text.splitlines(), 1):
            for what, pattern in FORBIDDEN.items():
                if found := pattern.search(line):
                    yield f"{source.path}:{number}: names {what} ({found[0]}); nothing here may depend on it"


def functions(tree: Tree) -> Iterator[tuple[Source, str, int]]:
    """Every function and its lines, without those of its docstring."""
    for source in tree.python():
        for node in ast.walk(source.syntax):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                told = node.body[0] if ast.get_docstring(node) is not None else None
                docstring = (told.end_lineno or 0) - told.lineno + 1 if told else 0
                yield source, node.name, (node.end_lineno or 0) - node.lineno + 1 - docstring
