"""Where things belong: what is shared, where subjects are spelled, what the root holds, what the map names."""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from tests.gates.tree import Source, Tree

__all__ = ["architecture_is_true", "root_is_tidy", "shared_modules", "subjects_in_one_place"]

ROOT_ENTRIES = frozenset(
    ("LICENSE", "Makefile", "README.md", "agent", "common", "deploy", "docs", "hub", "pyproject.toml", "tests")
)
PACKAGES = ("hub", "agent", "common")
SUBJECTS = "common/flotilla_common/subjects.py"
SUBJECT = re.compile(r"flotilla\.v1|\$JS\.|\bFLOTILLA_(OBJECTS|DERIVED|WORKS|STATUS)\b")
ONE_SIDED = {
    "flotilla_common.kinds": "all knowledge of a kind stays in one file",
    "flotilla_common.main": "the entry point: it imports the sides",
    "flotilla_common.runtime.supervise": "the hub runs its broker and Push host with it; it belongs by loop and queue",
}
"""May be in common although not both sides import it, and why."""
ARCHITECTURE = "docs/architecture.md"


def shared_modules(tree: Tree) -> Iterator[str]:
    """A module is in common because hub and agent both need it."""
    imports = {_module(s.path): _imports(s) for s in tree.python(*PACKAGES)}
    # A package comes along with any of its modules.
    packages = {_module(s.path) for s in tree.python(*PACKAGES) if s.path.endswith("__init__.py")}
    shared = {name for name in imports if name.startswith("flotilla_common.")} - packages
    sides = {side: _reached(imports, f"flotilla_{side}") for side in ("hub", "agent")}
    for name in sorted(shared):
        missing = [side for side, reached in sides.items() if name not in reached]
        if missing and not name.startswith(tuple(ONE_SIDED)):
            yield f"{name}: the {' and the '.join(missing)} never import it; move it to the side that does"


def subjects_in_one_place(tree: Tree) -> Iterator[str]:
    for source in tree.python(*PACKAGES):
        if source.path != SUBJECTS:
            for line, text in _strings(source.syntax):
                if found := SUBJECT.search(text):
                    yield f"{source.path}:{line}: spells {found[0]!r}; take the subject from {SUBJECTS}"


def architecture_is_true(tree: Tree) -> Iterator[str]:
    text = next((source.text for source in tree.sources if source.path == ARCHITECTURE), None)
    if text is None:
        yield f"{ARCHITECTURE} is missing; it is where a reader starts"
        return
    for path in sorted(set(_paths_in(text))):
        if path not in tree.places:
            yield f"{ARCHITECTURE}: names {path}, which does not exist; correct the page"


def root_is_tidy(tree: Tree) -> Iterator[str]:
    for entry in sorted({source.path.split("/")[0] for source in tree.sources}):
        if not entry.startswith(".") and entry not in ROOT_ENTRIES:
            yield f"{entry}: has no place at the root; put it into one of {', '.join(sorted(ROOT_ENTRIES))}"


def _strings(module: ast.Module) -> Iterator[tuple[int, str]]:
    """String constants that are values: not the docstrings, which may explain."""
    prose = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.lineno, node.value


def _module(path: str) -> str:
    parts = Path(path).with_suffix("").parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(source: Source) -> set[str]:
    """Every module, or name in a module, the file imports, by its full name."""
    here = _module(source.path).split(".")
    package = here if source.path.endswith("__init__.py") else here[:-1]
    found: set[str] = set()
    for node in ast.walk(source.syntax):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            origin = ".".join(filter(None, (base, node.module)))
            found |= {origin, *(f"{origin}.{alias.name}" for alias in node.names)}
    return found


def _reached(imports: dict[str, set[str]], side: str) -> set[str]:
    """Every module the side needs, directly or through others."""
    waiting = [name for name in imports if name.split(".")[0] == side]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in imports and name not in reached:
            reached.add(name)
            waiting += imports[name]
    return reached


def _paths_in(text: str) -> Iterator[str]:
    """Repository paths in links and in backquotes; `a/{b,c}` is two."""
    links = (
        Path("docs", target.split("#")[0]) for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target
    )
    yield from (_normal(path) for path in links if str(path) != "docs")
    for quoted in re.findall(r"`([\w./{},-]+/[\w./{},-]*)`", text):
        if quoted.split("/")[0] in ROOT_ENTRIES:
            yield from (path.rstrip("/") for path in _expanded(quoted))


def _normal(path: Path) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts[-1:] = []
        else:
            parts.append(part)
    return "/".join(parts)


def _expanded(path: str) -> Iterator[str]:
    pieces = [part.split(",") for part in re.split(r"[{}]", path)]
    return ("".join(choice) for choice in itertools.product(*pieces))
