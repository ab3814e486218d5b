"""How far one cluster's Work has come: wanted, published, reported. Never takes "sent" for "applied"."""

from datetime import UTC, datetime
from typing import NamedTuple

from flotilla_common.messages import WorkMessage, WorkReport

from .explanation import Delivery

__all__ = ["Sent", "delivery_of"]


class Sent(NamedTuple):
    """What the hub remembers of a published Work. `report` may be on an older version of it."""

    digest: str
    deleted: bool = False
    report: WorkReport | None = None
    rollout: str = ""


def delivery_of(
    wanted: WorkMessage | None, sent: Sent | None, trouble: str, generation: int, held_back: str = ""
) -> Delivery | None:
    """None when there neither is nor should be a Work. `trouble`: why the hub could not make or send it; `held_back`:
    why a strategy does not let it go out, or go away, yet.
    """
    if wanted is None and sent is None and not trouble:
        return None
    desired = wanted.digest() if wanted else ""
    state, message = _state(wanted, desired, sent, trouble)
    if held_back and not trouble and (sent is None or sent.digest != desired):
        state, message = "held", held_back
    report = sent.report if sent else None
    has_it = bool(report and report.applied and report.digest == desired)
    known = {"generation": generation} if has_it else {}
    return Delivery(
        state=state,
        message=message,
        desired=desired,
        published=sent.digest if sent else "",
        reported=report.digest if report else "",
        health=report.objects[0].health if report and report.objects else "",
        at=_written(report.at) if report and report.at else "",
        **known,
    )


def _state(wanted: WorkMessage | None, desired: str, sent: Sent | None, trouble: str) -> tuple[str, str]:
    if trouble:
        return "impossible", trouble
    if sent is None:
        return "absent", "not published yet"
    if sent.deleted or wanted is None:
        return "removing", "its agent has not removed it yet"
    if sent.digest != desired:
        return "publishing", "an older version is published"
    if wanted.suspended:
        return "suspended", "dispatching is suspended: the cluster keeps what it has"
    return _reported(sent)


def _reported(sent: Sent) -> tuple[str, str]:
    report = sent.report
    if report is None:
        return "waiting", "its agent has not answered yet"
    if report.digest != sent.digest:
        said = "has applied" if report.applied else f"failed with ({report.message})"
        return "waiting", f"its agent {said} an older version" if report.applied else f"an older version {said}"
    if not report.applied:
        return "failed", report.message
    unhealthy = next((o.message for o in report.objects if o.message), "")
    return "applied", unhealthy


def _written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
