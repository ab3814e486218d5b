"""A Plan as lines for a terminal: removals first and marked, then the rest, then how many of each. Pure."""

from collections.abc import Iterator
from typing import NamedTuple, Self

from ..answers.compare import VERBS, Row
from ..answers.plan import Plan
from .tone import BAD, GOOD, PLAIN, WARN, Line, painted
from .wording import listed, merged, of_change, of_named

__all__ = ["text_lines"]

_MARKS = {"DELETE": "-", "MOVE": ">", "RELEASE": "%", "UPDATE": "~", "CREATE": "+"}
_TONES = {"DELETE": BAD, "MOVE": WARN, "RELEASE": WARN, "UPDATE": WARN, "CREATE": GOOD}


def text_lines(plan: Plan) -> list[str]:
    parts = (_alarms(plan), _rows(plan), _stored(plan), _troubles(plan))
    shown = ["\n".join(part) for part in parts if part]
    return "\n\n".join([*shown, _summary(plan)]).split("\n")


def _alarms(plan: Plan) -> list[str]:
    lines: list[Line] = [
        (BAD, [f"! {of_named(m.object)} would leave {m.removed} of its {m.present} clusters"])
        for m in plan.mass_removals
    ]
    return painted(lines)


def _rows(plan: Plan) -> list[str]:
    lines: list[Line] = []
    for names, row in merged((_where(row), _Shown.of(row)) for row in plan.rows):
        first, *more = row.said or ("",)
        tone = _TONES[row.verb]
        end = "  !" if row.verb == "DELETE" else ""
        lines.append((tone, [f"{_MARKS[row.verb]} {row.verb}", listed(names), row.namespace, row.object, first + end]))
        lines += [(tone, ["", "", "", "", text]) for text in more]
    return painted([(PLAIN, ["  ACTION", "CLUSTER", "NAMESPACE", "OBJECT", "CHANGE"]), *lines]) if lines else []


class _Shown(NamedTuple):
    """A row without its cluster."""

    verb: str
    namespace: str
    object: str
    said: tuple[str, ...]

    @classmethod
    def of(cls, row: Row) -> Self:
        return cls(row.verb, row.object.namespace, str(row.object), tuple(_said(row)))


def _where(row: Row) -> str:
    return f"{row.source} -> {row.cluster}" if row.source else row.cluster


def _said(row: Row) -> Iterator[str]:
    if row.verb in ("CREATE", "MOVE") and row.replicas is not None:
        yield f"{row.replicas} replica{'' if row.replicas == 1 else 's'}"
    yield from map(of_change, row.changes)
    if row.note:
        yield row.note


def _stored(plan: Plan) -> list[str]:
    """On the hub itself. What changes in a template shows in the members; the rest only here."""
    lines: list[Line] = []
    for stored in plan.stored:
        if stored.verb == "unchanged":
            continue
        said = [of_change(change) for change in stored.changes] + ([stored.note] if stored.note else [])
        lines.append((PLAIN, [f"  {stored.verb}", of_named(stored.object), said[0] if said else ""]))
        lines += [(PLAIN, ["", "", text]) for text in said[1:]]
    return ["On the hub:", *painted(lines)] if lines else []


def _troubles(plan: Plan) -> list[str]:
    said = [(t.cluster, (of_named(t.object), t.message)) for t in plan.troubles]
    lines: list[Line] = []
    for names, (named, message) in merged(said):
        where = f" in {listed(names)}" if names != [""] else ""
        lines.append((WARN, [f"! {named}{where}: {message}"]))
    return painted(lines)


def _summary(plan: Plan) -> str:
    if not plan.changes_anything:
        return "Nothing would change."
    counts = [f"{plan.summary[v.lower()]} {_verb(v)}" for v in reversed(VERBS[:-1]) if plan.summary.get(v.lower())]
    clusters = {row.cluster for row in plan.rows} | {row.source for row in plan.rows if row.source}
    told = (
        f"{', '.join(counts)} in {len(clusters)} cluster{'s'[: len(clusters) != 1]}" if counts else "no member changes"
    )
    away = f"; not answering now, gets it when back: {listed(plan.offline)}" if plan.offline else ""
    return f"Summary: {told}{away}. Nothing was stored."


def _verb(verb: str) -> str:
    return verb if verb == "DELETE" else verb.lower()
