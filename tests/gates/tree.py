"""The repository as the gates see it: the files that are, or could be, committed, with their text."""

import ast
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

__all__ = ["Source", "Tree", "tracked"]


@dataclass(frozen=True)
class Source:
    """One file of the repository; `path` is relative to its root, with slashes."""

    path: str
    text: str

    @cached_property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @cached_property
    def syntax(self) -> ast.Module:
        return ast.parse(self.text, self.path)


@dataclass(frozen=True)
class Tree:
    """The files that are, or could be, committed. Binary ones are there with an empty text."""

    sources: list[Source] = field(default_factory=list)

    def python(self, *folders: str) -> list[Source]:
        """The Python files in these top folders; in all of them when none is given."""
        wanted = tuple(f"{folder}/" for folder in folders)
        return [s for s in self.sources if s.path.endswith(".py") and (not wanted or s.path.startswith(wanted))]

    @cached_property
    def places(self) -> set[str]:
        """Every file and every folder."""
        parents = (str(parent) for s in self.sources for parent in Path(s.path).parents)
        return {s.path for s in self.sources} | set(parents)


def tracked(root: Path) -> Tree:
    """What git holds or would take; in a copy without git, everything but hidden folders."""
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [path for path in listed.stdout.decode().split("\0") if path]
    else:
        found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        paths = [str(path) for path in found if not any(part.startswith(".") for part in path.parts[:-1])]
    return Tree([Source(path, _text(root / path)) for path in sorted(set(paths)) if (root / path).is_file()])


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""
