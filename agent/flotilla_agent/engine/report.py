"""What the hub is told about one Work, in Karmada's words. Pure; `engine` decides when it is sent."""

from collections.abc import Sequence
from dataclasses import replace

from flotilla_common.kinds import health_of, reflect
from flotilla_common.messages import ObjectReport, WorkMessage, WorkReport
from flotilla_common.objects import Obj, Ref, encode

__all__ = ["failed", "object_report", "removed", "with_status", "work_report"]

_APPLIED = "AppliedSuccessful"
_FAILED = "AppliedFailed"
_NOT_REMOVED = "RemoveFailed"


def object_report(ref: Ref, ordinal: int, live: Obj | None, *, error: str = "", note: str = "") -> ObjectReport:
    """One manifest's outcome. `live` is the object if it is ours to tell of; `error` why it is not as it should be."""
    return ObjectReport(
        api_version=ref.gvk.api_version,
        kind=ref.gvk.kind,
        namespace=ref.namespace,
        name=ref.name,
        applied=not error,
        message=error or note,
        health=_health(live),
        status=_status(live),
        ordinal=ordinal,
    )


def work_report(message: WorkMessage, objects: Sequence[ObjectReport], trouble: Sequence[str] = ()) -> WorkReport:
    """`trouble`: what went wrong beside the manifests, as with a leftover that could not be deleted."""
    errors = [*(o.message for o in objects if not o.applied), *trouble]
    done = sum(o.applied for o in objects)
    text = f"Failed to apply all manifests ({done}/{len(message.manifests)}): {'; '.join(errors)}"
    return WorkReport(
        cluster=message.cluster,
        work=message.name,
        digest=message.digest(),
        applied=not errors,
        reason=_FAILED if errors else _APPLIED,
        message=text if errors else "Manifest has been successfully applied",
        objects=sorted(objects, key=lambda o: o.ordinal),
    )


def failed(message: WorkMessage, why: str) -> WorkReport:
    """Nothing of the Work could even be tried."""
    return work_report(message, (), (why,))


def removed(message: WorkMessage, trouble: Sequence[str] = ()) -> WorkReport:
    """The answer to a tombstone: nothing the Work applied is left, or why something is."""
    return WorkReport(
        cluster=message.cluster,
        work=message.name,
        digest=message.digest(),
        removed=not trouble,
        reason=_NOT_REMOVED if trouble else "",
        message=f"Failed to remove the objects of the Work: {'; '.join(trouble)}" if trouble else "",
    )


def with_status(report: WorkReport, ordinal: int, live: Obj) -> WorkReport:
    """The report with one object's health and status as they are now; whether it was applied stays."""
    return replace(
        report,
        objects=[
            replace(o, health=_health(live), status=_status(live)) if o.ordinal == ordinal else o
            for o in report.objects
        ],
    )


def _health(live: Obj | None) -> str:
    return "Unknown" if live is None else str(health_of(live))


def _status(live: Obj | None) -> bytes:
    if live is None:
        return b""
    try:
        status = reflect(live)
    except (TypeError, ValueError, AttributeError, KeyError):
        return b""  # a custom resource may shape its status as it likes
    return b"" if status is None else encode(status)
