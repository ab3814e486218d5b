"""A report of an agent → the status of the Work, as `kubectl get works` shows it. Pure."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from flotilla_common.conditions import condition
from flotilla_common.kinds import HEALTHY, UNHEALTHY
from flotilla_common.messages import ObjectReport, WorkReport
from flotilla_common.objects import GVK, decode

__all__ = ["work_status"]


def _guess(gvk: GVK) -> str:
    """The plural of a kind nobody looked up, by the rule Kubernetes itself guesses with."""
    word = gvk.kind.lower()
    if word.endswith("s"):
        return f"{word}es"
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def work_status(
    report: WorkReport | None, now: str, *, suspended: bool = False, resource_of: Callable[[GVK], str] = _guess
) -> dict[str, Any]:
    """Conditions and, once applied, a line per manifest. `now` dates what no report dates.

    `resource_of` names a kind's resource (`deployments`); without it the name is guessed.
    """
    if report is None:
        return {"conditions": [_dispatching(suspended, now)]}
    when = _written(report.at) if report.at else now
    conditions = [_dispatching(suspended, when), _applied(report, when)]
    if not report.applied:
        return {"conditions": conditions}
    statuses = [_manifest_status(o, resource_of) for o in report.objects]
    return {"conditions": [*conditions, *_verdicts(report.objects, when)], "manifestStatuses": statuses}


def _dispatching(suspended: bool, when: str) -> dict[str, Any]:
    if suspended:
        return condition("Dispatching", False, "SuspendDispatching", "Work dispatching is in a suspended state.", when)
    return condition("Dispatching", True, "Dispatching", "Work is being dispatched to member clusters.", when)


def _applied(report: WorkReport, when: str) -> dict[str, Any]:
    if report.applied:
        return condition("Applied", True, "AppliedSuccessful", "Manifest has been successfully applied", when)
    count, total = sum(o.applied for o in report.objects), len(report.objects)
    message = f"Failed to apply all manifests ({count}/{total}): {report.message}"
    return condition("Applied", False, "AppliedFailed", message, when)


def _verdicts(objects: Sequence[ObjectReport], when: str) -> list[dict[str, Any]]:
    """Upstream names these conditions in its API but never writes them; ours sum up the health of the manifests."""
    healths = [o.health for o in objects]
    healthy = healths.count(HEALTHY)
    message = f"{healthy} of {len(healths)} manifests are healthy"
    verdicts = {
        "Available": healthy == len(healths),
        "Progressing": healthy < len(healths),
        "Degraded": UNHEALTHY in healths,
    }
    return [condition(type_, holds, "ManifestHealth", message, when) for type_, holds in verdicts.items()]


def _manifest_status(o: ObjectReport, resource_of: Callable[[GVK], str]) -> dict[str, Any]:
    gvk = GVK.parse(o.api_version, o.kind)
    identifier = {
        "ordinal": o.ordinal,
        "group": gvk.group,
        "version": gvk.version,
        "kind": gvk.kind,
        "resource": resource_of(gvk),
        "namespace": o.namespace,
        "name": o.name,
    }
    status = {"status": decode(o.status)} if o.status else {}
    return {"identifier": identifier, **status, "health": o.health}


def _written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
