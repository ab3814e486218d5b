"""What the columns of each built-in kind show. One function a cell, in the order of the table in builtin.py."""

from collections.abc import Callable
from typing import Any

from flotilla_common.conditions import find
from flotilla_common.objects import Obj, encode

from .columns import NONE, dig, pairs, selector_words
from .durations import age, between

__all__ = [
    "access_modes",
    "amounts",
    "completions",
    "condition",
    "count",
    "duration",
    "event_source",
    "first_age",
    "hpa_reference",
    "hpa_targets",
    "involved",
    "job_status",
    "node_selector",
    "owner",
    "pod_ready",
    "pod_restarts",
    "pod_status",
    "quota",
    "readiness_gates",
    "ready",
    "role",
    "schedule_age",
    "selector",
    "strategy",
    "subjects",
    "work_kinds",
    "zones",
]

Cell = Callable[[Obj, str], Any]


def ready(obj: Obj, now: str) -> str:
    return f"{dig(obj, 'status.readyReplicas', 0)}/{dig(obj, 'spec.replicas', 1)}"


def node_selector(obj: Obj, now: str) -> str:
    return pairs(dig(obj, "spec.template.spec.nodeSelector"))


def zones(obj: Obj, now: str) -> str:
    return ",".join(dig(obj, "spec.zones", ())) or NONE


def selector(obj: Obj, now: str) -> str:
    found = (
        dig(obj, "spec.selector") or dig(obj, "spec.podSelector") or dig(obj, "spec.jobTemplate.spec.selector") or {}
    )
    is_plain = not ({"matchLabels", "matchExpressions"} & set(found))
    return pairs(found) if is_plain else selector_words(found)


def count(*paths: str) -> Cell:
    return lambda obj, now: sum(len(dig(obj, path, ())) for path in paths)


def condition(type_: str, default: str = "") -> Cell:
    def cell(obj: Obj, now: str) -> str:
        found = find(dig(obj, "status.conditions"), type_)
        return str(found.get("status", default)) if found else default

    return cell


def access_modes(path: str) -> Cell:
    short = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
    return lambda obj, now: ",".join(short.get(m, m) for m in dig(obj, path, ()))


def completions(obj: Obj, now: str) -> str:
    wanted = dig(obj, "spec.completions")
    done = dig(obj, "status.succeeded", 0)
    if wanted is not None:
        return f"{done}/{wanted}"
    parallel = dig(obj, "spec.parallelism", 0)
    return f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"


def job_status(obj: Obj, now: str) -> str:
    for type_, word in (("Complete", "Complete"), ("Failed", "Failed"), ("Suspended", "Suspended")):
        if condition(type_)(obj, now) == "True":
            return word
    return "Terminating" if dig(obj, "metadata.deletionTimestamp") else "Running"


def duration(obj: Obj, now: str) -> str:
    start = dig(obj, "status.startTime")
    return between(start, dig(obj, "status.completionTime", now)) if start else ""


def schedule_age(obj: Obj, now: str) -> str:
    last = dig(obj, "status.lastScheduleTime")
    return age(last, now) if last else NONE


def pod_ready(obj: Obj, now: str) -> str:
    statuses = dig(obj, "status.containerStatuses", ())
    return f"{sum(bool(s.get('ready')) for s in statuses)}/{len(dig(obj, 'spec.containers', ()))}"


def readiness_gates(obj: Obj, now: str) -> str:
    gates = dig(obj, "spec.readinessGates", ())
    met = sum(condition(gate.get("conditionType", ""))(obj, now) == "True" for gate in gates)
    return f"{met}/{len(gates)}" if gates else NONE


def pod_restarts(obj: Obj, now: str) -> str:
    return str(sum(s.get("restartCount", 0) for s in dig(obj, "status.containerStatuses", ())))


def pod_status(obj: Obj, now: str) -> str:
    if dig(obj, "metadata.deletionTimestamp"):
        return "Terminating"
    for status in dig(obj, "status.containerStatuses", ()):
        reason = dig(status, "state.waiting.reason") or dig(status, "state.terminated.reason")
        if reason:
            return str(reason)
    return str(dig(obj, "status.reason") or dig(obj, "status.phase", "Pending"))


def hpa_reference(obj: Obj, now: str) -> str:
    return f"{dig(obj, 'spec.scaleTargetRef.kind', '')}/{dig(obj, 'spec.scaleTargetRef.name', '')}"


def hpa_targets(obj: Obj, now: str) -> str:
    return ", ".join(map(_metric, dig(obj, "spec.metrics", ()))) or NONE


def _metric(metric: dict[str, Any]) -> str:
    body = next((v for k, v in metric.items() if k != "type" and isinstance(v, dict)), {})
    target = body.get("target") or {}
    if target.get("averageUtilization") is not None:
        return f"{body.get('name', 'metric')}: <unknown>/{target['averageUtilization']}%"
    wanted = target.get("averageValue") or target.get("value") or "<auto>"
    return f"<unknown>/{wanted}"


def quota(*, limits: bool) -> Cell:
    """What is used of what is allowed: limits in one column, all else in the other."""

    def cell(obj: Obj, now: str) -> str:
        hard, used = dig(obj, "spec.hard", {}), dig(obj, "status.used", {})
        names = [n for n in sorted(hard) if n.startswith("limits.") == limits]
        return ", ".join(f"{n}: {used.get(n, '0')}/{hard[n]}" for n in names)

    return cell


def amounts(path: str) -> Cell:
    """A ResourceList as kubectl prints a map of a custom resource; nothing while there is none."""
    return lambda obj, now: encode(dict(sorted(dig(obj, path, {}).items()))).decode() if dig(obj, path) else ""


def strategy(obj: Obj, now: str) -> str:
    """Who serves and why, or how far a rollout is; empty without a strategy."""
    if found := find(dig(obj, "status.conditions"), "Serving"):
        return f"{dig(obj, 'status.failover.serving', '')} {found.get('reason', '')}".strip()
    if found := find(dig(obj, "status.conditions"), "Progressing"):
        rollout = dig(obj, "status.rollout", {})
        return f"{found.get('reason', '')} {rollout.get('healthy', 0)}/{rollout.get('total', 0)}"
    return ""


def subjects(kind: str) -> Cell:
    def name(subject: dict[str, Any]) -> str:
        return f"{subject.get('namespace', '')}/{subject['name']}" if kind == "ServiceAccount" else str(subject["name"])

    return lambda obj, now: ", ".join(name(s) for s in dig(obj, "subjects", ()) if s.get("kind") == kind)


def role(obj: Obj, now: str) -> str:
    return f"{dig(obj, 'roleRef.kind', '')}/{dig(obj, 'roleRef.name', '')}"


def owner(obj: Obj, now: str) -> str:
    """The controller of it, as `kubectl` names objects."""
    owners = (obj.get("metadata") or {}).get("ownerReferences") or ()
    found = next((o for o in owners if o.get("controller")), None)
    if found is None:
        return NONE
    group = str(found.get("apiVersion", "")).rpartition("/")[0]
    return f"{str(found.get('kind')).lower()}{f'.{group}' if group else ''}/{found.get('name')}"


def involved(obj: Obj, now: str) -> str:
    return f"{dig(obj, 'involvedObject.kind', '').lower()}/{dig(obj, 'involvedObject.name', '')}"


def event_source(obj: Obj, now: str) -> str:
    words = (dig(obj, "source.component") or dig(obj, "reportingComponent", ""), dig(obj, "source.host", ""))
    return ", ".join(w for w in words if w)


def first_age(*paths: str) -> Cell:
    """The age of the first of these times that is there."""
    return lambda obj, now: age(next((t for p in paths if (t := dig(obj, p))), None), now)


def work_kinds(obj: Obj, now: str) -> str:
    return ",".join(str(m.get("kind", "")) for m in dig(obj, "spec.workload.manifests", ()))
