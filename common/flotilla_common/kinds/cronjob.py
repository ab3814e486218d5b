"""CronJob (batch)."""

from collections.abc import Sequence

from ..objects import Obj
from .base import Item, Kind, statuses
from .references import pods_of

__all__ = ["KIND"]

_LATEST = ("lastScheduleTime", "lastSuccessfulTime")


def _aggregate(_: Obj, items: Sequence[Item]) -> Obj | None:
    known = statuses(items)
    active = [job for status in known for job in status.get("active") or ()]
    latest = {name: max((s[name] for s in known if s.get(name)), default=None) for name in _LATEST}
    return {**({"active": active} if active else {}), **{name: when for name, when in latest.items() if when}}


KIND = Kind(aggregate=_aggregate, dependencies=pods_of("spec", "jobTemplate", "spec", "template", "spec"))
