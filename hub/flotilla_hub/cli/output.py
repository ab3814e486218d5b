"""How objects and tables look on a terminal. Data goes to standard output, what is being done to standard error."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from flotilla_common.objects import Obj

__all__ = ["Columns", "aligned", "note", "text_of"]

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Columns:
    """The columns of a server's Table that are shown, and its rows as their cells."""

    def __init__(self, definitions: Iterable[Obj], *, wide: bool = False, namespace: bool = False) -> None:
        """`wide` shows all columns; `namespace` puts the object's namespace before them."""
        self._shown = [(i, d["name"]) for i, d in enumerate(definitions) if wide or not d.get("priority")]
        self._namespace = namespace

    def header(self) -> list[str]:
        return (["NAMESPACE"] if self._namespace else []) + [name.upper() for _, name in self._shown]

    def rows(self, table: Obj, prefix: str = "") -> list[list[str]]:
        """`prefix` goes before each name: `deployment.apps/`."""
        rows = []
        for row in table.get("rows") or ():
            cells = [_cell(row["cells"][i]) for i, _ in self._shown]
            cells[0] = prefix + cells[0]
            metadata = (row.get("object") or {}).get("metadata") or {}
            rows.append([metadata.get("namespace", ""), *cells] if self._namespace else cells)
        return rows


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """One line per row, the columns three spaces apart as kubectl has them."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["   ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def text_of(obj: Obj, form: str) -> str:
    """`form` is json or yaml."""
    if form == "json":
        return json.dumps(obj, indent=4)
    text: str = yaml.dump(obj, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return text.rstrip("\n")


def note(text: str) -> None:
    """Progress, and other things that are not the data asked for."""
    print(text, file=sys.stderr, flush=True)


def _cell(value: Any) -> str:
    return "<none>" if value is None else str(value)
