"""Names, values and changes as the answers of `explain` and `plan` print them."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ..answers.values import Change, Named

__all__ = ["SHOWN", "listed", "merged", "of_change", "of_named"]

SHOWN = 5
"""So many clusters with the same line have a line each; more share one."""

_WIDTH = 60


def listed(names: Sequence[str]) -> str:
    """`eu-1, eu-2, eu-3 and 997 more`."""
    if len(names) <= SHOWN:
        return ", ".join(names)
    return f"{', '.join(names[:3])} and {len(names) - 3} more"


def merged(entries: Iterable[tuple[str, Any]]) -> list[tuple[list[str], Any]]:
    """(cluster, line) pairs with the clusters of equal lines together, where these are many; in order of appearance."""
    groups: dict[str, tuple[list[str], Any]] = {}
    for cluster, line in entries:
        groups.setdefault(repr(line), ([], line))[0].append(cluster)
    return [
        part
        for names, line in groups.values()
        for part in ([(names, line)] if len(names) > SHOWN else [([name], line) for name in names])
    ]


def of_change(change: Change) -> str:
    if change.is_addition:
        return f"+ {change.path}: {_value(change.after)}"
    if change.is_removal:
        return f"- {change.path}: {_value(change.before)}"
    return f"{change.path}: {_value(change.before)} -> {_value(change.after)}"


def of_named(named: Named) -> str:
    """`PropagationPolicy shop/web`, as messages write it."""
    return f"{named.kind} {named.namespace}/{named.name}" if named.namespace else f"{named.kind} {named.name}"


def _value(value: Any) -> str:
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    text = text.replace("\n", "\\n")
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
