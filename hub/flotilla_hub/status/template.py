"""The binding's status → the template's own, by what `flotilla_common.kinds` knows of its kind. Pure."""

from flotilla_common.kinds import aggregate
from flotilla_common.objects import Obj

__all__ = ["template_status"]


def template_status(template: Obj, binding: Obj) -> Obj | None:
    """The template with its members' statuses made one; None when nothing changes, or its kind has no such rule."""
    items = (binding.get("status") or {}).get("aggregatedStatus") or []
    status = aggregate(template, items)
    if status is None or status == (template.get("status") or {}):
        return None
    return {**template, "status": status}
