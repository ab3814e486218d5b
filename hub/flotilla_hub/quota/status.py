"""The status of a FederatedResourceQuota: what each cluster says of its share, and what is used in all."""

from collections.abc import Mapping
from typing import Any

from flotilla_common.messages import WorkReport
from flotilla_common.objects import Obj, decode
from flotilla_common.quantity import add

from .usage import Usage, listed

__all__ = ["quota_status"]


def quota_status(quota: Obj, reports: Mapping[str, WorkReport], charged: Usage | None) -> Obj | None:
    """The quota with its status as `reports`, by cluster, have it; None when unchanged.

    `charged`: what the namespace's bindings use, where the hub enforces quotas; without it what the members say counts.
    """
    overall: dict[str, Any] = (quota.get("spec") or {}).get("overall") or {}
    told = [_told(cluster, report) for cluster, report in sorted(reports.items()) if _has_status(report)]
    used = add(*(item.get("used") or {} for item in told)) if charged is None else listed(charged, overall)
    said = {"overall": overall, "overallUsed": used, "aggregatedStatus": told}
    status = {name: value for name, value in said.items() if value}
    return None if status == (quota.get("status") or {}) else {**quota, "status": status}


def _has_status(report: WorkReport) -> bool:
    return report.applied and not report.removed and bool(report.objects and report.objects[0].status)


def _told(cluster: str, report: WorkReport) -> dict[str, Any]:
    status = decode(report.objects[0].status)
    return {"clusterName": cluster, **{name: status[name] for name in ("hard", "used") if status.get(name)}}
