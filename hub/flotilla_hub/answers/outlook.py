"""What a strategy makes of the rows of a plan: which wave brings a change, and who serves for whom. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from flotilla_common.conditions import find
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import Obj

from ..model.cluster import Cluster
from ..strategies.rolling_update import revision_of, rolling_settings, wave_of
from ..strategies.serving import CONDITION
from ..work.targets import is_workload
from .compare import Row

__all__ = ["foreseen"]

Messages = Mapping[str, WorkMessage]


def foreseen(
    rows: Sequence[Row], binding: Obj | None, was: Messages, will: Messages, clusters: Mapping[str, Cluster]
) -> list[Row]:
    """The rows of one template with what its strategy adds to them. `clusters`: those there would be."""
    if binding is None:
        return list(rows)
    if rolling_settings(binding) is not None:
        waves = wave_of(binding, _changed(binding, was, will), will, clusters)
        last = max(waves.values(), default=0)
        notes = {cluster: f"wave {number} of {last}" for cluster, number in waves.items()}
        return [_noted(row, notes.get(row.cluster, "")) if row.verb == "UPDATE" else row for row in rows]
    serving = find((binding.get("status") or {}).get("conditions"), CONDITION)
    if serving is None:
        return list(rows)
    return [_noted(row, str(serving["message"])) if row.verb in ("CREATE", "MOVE") else row for row in rows]


def _changed(binding: Obj, was: Messages, will: Messages) -> Iterable[str]:
    """The clusters that would get another version, not only other replicas."""
    sized = is_workload(binding)
    for cluster in was.keys() & will.keys():
        if revision_of(was[cluster], sized=sized) != revision_of(will[cluster], sized=sized):
            yield cluster


def _noted(row: Row, note: str) -> Row:
    said = "; ".join(filter(None, (note, row.note)))
    return row.model_copy(update={"note": said}) if note else row
