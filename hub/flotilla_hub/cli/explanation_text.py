"""An Explanation as lines for a terminal: policies, clusters, overrides, conditions, and where to look next. Pure."""

from collections.abc import Iterator

from ..answers.explanation import Contender, Dependency, Explanation, Verdict
from .tone import BAD, GOOD, PLAIN, QUIET, WARN, Line, painted
from .wording import listed, merged, of_change, of_named

__all__ = ["text_lines"]

_TONES = {"applied": GOOD, "failed": BAD, "impossible": BAD, "": QUIET}
"""Of a cluster's line by its Work's state; what is neither good nor bad is on its way."""

_OF_CLUSTERS = ("TaintToleration", "APIEnablement")
"""Plugins whose reasons lie in the cluster, so that looking at it helps."""


def text_lines(told: Explanation) -> list[str]:
    if told.skipped:
        return [f"{of_named(told.object)} is never propagated: {told.skipped}"]
    parts = (_header(told), _clusters(told), _overrides(told), _conditions(told), _next(told))
    return "\n\n".join("\n".join(part) for part in parts if part).split("\n")


def _header(told: Explanation) -> list[str]:
    lines = [f"{of_named(told.object)}, generation {told.generation}: {told.why}"]
    if told.waiting_for:
        lines.append(f"It waits for what is not there: {', '.join(told.waiting_for)}")
    if told.held:
        lines.append("Its policy is lazy: what it says of it now applies once the template changes.")
    if told.dependencies:
        lines.append(f"It takes along {', '.join(map(_dependency, told.dependencies))}")
    if told.affinity:
        lines.append(f"Affinity group in use: {told.affinity}")
    return lines + painted([_contender(c) for c in told.contenders])


def _dependency(dependency: Dependency) -> str:
    named = (
        of_named(dependency.object) if dependency.object.name else f"each {dependency.object.kind} its labels select"
    )
    return named if dependency.there else f"{named} (not there)"


def _contender(contender: Contender) -> Line:
    ranked = f"priority {contender.priority}" + (f", {contender.how}" if contender.how else "")
    tone = PLAIN if contender.outcome == "won" else QUIET
    return tone, [f"  {contender.outcome}:", of_named(contender.policy), ranked, contender.why]


def _clusters(told: Explanation) -> list[str]:
    if told.binding is None:
        return []
    lines: list[Line] = [(PLAIN, ["CLUSTER", "FIT", "REPLICAS", "STATE", "WHY"])]
    for names, (tone, cells, reasons) in merged((v.cluster, _row(v)) for v in told.clusters):
        lines.append((tone, [listed(names), *cells, reasons[0]]))
        lines += [(tone, ["", "", "", "", reason]) for reason in reasons[1:]]
    return painted(lines) if len(lines) > 1 else ["There is no cluster on the hub."]


def _row(verdict: Verdict) -> tuple[str, list[str], list[str]]:
    """Its tone, its cells up to the reasons, and the reasons, of which there is at least one."""
    state = verdict.delivery.state if verdict.delivery else ""
    replicas = "" if verdict.replicas is None else str(verdict.replicas)
    tone = _TONES.get(state, WARN)
    return tone, ["yes" if verdict.fit else "no", replicas, state], list(_reasons(verdict)) or [""]


def _reasons(verdict: Verdict) -> Iterator[str]:
    for reason in verdict.reasons:
        yield f"{reason.plugin}: {reason.detail or reason.message}"
    if verdict.fit and verdict.chosen:
        is_known = verdict.delivery is not None and verdict.delivery.is_current and verdict.delivery.health
        health = f", {verdict.delivery.health}" if is_known and verdict.delivery else ""
        yield f"score {verdict.score}{health}"
    for reason in verdict.excused:
        yield f"already there, else {reason.plugin}: {reason.detail or reason.message}"
    if verdict.required_by:
        yield f"required by {', '.join(verdict.required_by)}"
    if verdict.note:
        yield verdict.note
    if verdict.delivery and verdict.delivery.message:
        since = f" (heard {verdict.delivery.at})" if verdict.delivery.at else ""
        yield verdict.delivery.message + since


def _overrides(told: Explanation) -> list[str]:
    applied = [
        (v.cluster, (f"{of_named(rule.policy)} rule {rule.rule + 1}", rule.error, rule.changes))
        for v in told.clusters
        for rule in v.overrides
    ]
    lines: list[Line] = []
    for names, (rule, error, changes) in merged(applied):
        said = [error] if error else [of_change(change) for change in changes] or ["changes nothing"]
        lines.append((BAD if error else PLAIN, [listed(names), rule, said[0]]))
        lines += [(PLAIN, ["", "", text]) for text in said[1:]]
    return painted([(PLAIN, ["CLUSTER", "OVERRIDE", "CHANGE"]), *lines]) if lines else []


def _conditions(told: Explanation) -> list[str]:
    lines: list[Line] = [
        (PLAIN if c.get("status") == "True" else WARN, [str(c.get(word, "")) for word in ("type", "status", "message")])
        for c in told.conditions
    ]
    return painted([(PLAIN, ["CONDITION", "STATUS", "MESSAGE"]), *lines]) if lines else []


def _next(told: Explanation) -> list[str]:
    late = [v.cluster for v in told.clusters if v.delivery is not None and not v.delivery.is_current]
    refused = [
        v.cluster for v in told.clusters if any(r.plugin in ("TaintToleration", "APIEnablement") for r in v.reasons)
    ]
    if late:
        return [f"Out of date in {listed(late)}.", f"Next: flotilla get works -n karmada-es-{late[0]} -o yaml"]
    if refused:
        return [f"Next: flotilla get clusters {refused[0]} -o wide"]
    if told.policy is None and not any(v.required_by for v in told.clusters):
        return ["Next: create a PropagationPolicy that selects it, and look with `flotilla plan -f FILE` first"]
    return []
