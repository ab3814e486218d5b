"""Manifests as users hand them over: files, folders and standard input, several YAML or JSON documents each."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

import yaml

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj

__all__ = ["load", "parse"]

SUFFIXES = (".yaml", ".yml", ".json")
_Fast: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Fast):  # type: ignore[misc]  # the C loader has no type
    """YAML as Kubernetes reads it: what JSON can not carry becomes text, that is unquoted timestamps and odd keys."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:
        return {_key(key): value for key, value in super().construct_mapping(node, deep).items()}


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Fast.yaml_implicit_resolvers.items()
}


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return str(key).lower()
    return "null" if key is None else str(key)


def load(names: Iterable[str], *, recursive: bool = False, stdin: TextIO = sys.stdin) -> list[Obj]:
    """Every manifest in `names`, in order; `-` is standard input, a folder means its YAML and JSON files by name.

    Raises Terminal naming file, document and line.
    """
    return [manifest for name in names for manifest in _from(name, recursive, stdin)]


def parse(text: str, where: str) -> list[Obj]:
    """The manifests in `text`; a `List` counts as what it holds. `where` is how errors call it."""
    found: list[Obj] = []
    for number, (line, document) in enumerate(_documents(text, where), 1):
        found.extend(_manifests(document, f"{where}, document {number} (line {line})"))
    return found


def _from(name: str, recursive: bool, stdin: TextIO) -> Iterator[Obj]:
    if name == "-":
        yield from parse(stdin.read(), "standard input")
        return
    path = Path(name)
    if not path.is_dir():
        yield from parse(_text(path), name)
        return
    files = sorted(p for p in path.glob("**/*" if recursive else "*") if p.suffix in SUFFIXES and p.is_file())
    if not files:
        hint = "" if recursive else "; --recursive looks into folders below"
        raise Terminal(f"{name} holds no {', '.join(SUFFIXES)} file{hint}")
    for file in files:
        yield from parse(_text(file), str(file))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as err:
        raise Terminal(f"cannot read {path}: {err.strerror}") from err
    except UnicodeDecodeError as err:
        raise Terminal(f"{path} is not a text file in UTF-8: {err.reason} at byte {err.start}") from err


def _documents(text: str, where: str) -> Iterator[tuple[int, Any]]:
    """Each document with the number of its first line."""
    loader, whole = _Loader(text), 0
    try:
        while loader.check_node():
            node = loader.get_node()
            yield node.start_mark.line + 1, loader.construct_document(node)
            whole += 1
    except yaml.YAMLError as err:
        mark = getattr(err, "problem_mark", None) or getattr(err, "context_mark", None)
        line = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        why = getattr(err, "problem", None) or str(err)
        raise Terminal(f"{where}, document {whole + 1}{line} is not YAML: {why}") from err
    finally:
        loader.dispose()


def _manifests(document: Any, where: str) -> Iterator[Obj]:
    if document is None:
        return
    if not isinstance(document, dict):
        raise Terminal(f"{where}: a manifest is a map, this is a {type(document).__name__}")
    if document.get("kind") == "List" and isinstance(document.get("items"), list):
        for number, item in enumerate(document["items"], 1):
            yield from _manifests(item, f"{where}, item {number}")
        return
    for word in ("apiVersion", "kind"):
        if not isinstance(document.get(word), str) or not document[word]:
            raise Terminal(f"{where}: {word} is missing; every manifest names its apiVersion and kind")
    metadata = document.get("metadata")
    if not isinstance(metadata, dict) or not (metadata.get("name") or metadata.get("generateName")):
        raise Terminal(f"{where}: {document['kind']} has no metadata.name")
    yield document
