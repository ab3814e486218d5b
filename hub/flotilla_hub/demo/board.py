"""What is where, as a table: one row per template, one column per cluster. Pure; `screen` draws it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from flotilla_common.conditions import find
from flotilla_common.objects import Obj, annotations_of, meta_of

from ..labels import APPLIED_OVERRIDES
from ..names import execution_namespace
from .lookout import Seen

__all__ = ["Board", "Cell", "Tone", "board_of"]


class Tone(Enum):
    """How a cell is meant; colours and glyphs are the screen's."""

    GOOD = "good"
    WAIT = "wait"
    BAD = "bad"
    NONE = "none"


@dataclass(frozen=True)
class Cell:
    text: str
    tone: Tone = Tone.NONE


@dataclass(frozen=True)
class Board:
    clusters: tuple[Cell, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    """(template, a cell per cluster)."""


NOT_HERE = Cell("·")
WAITING = Cell("not yet", Tone.WAIT)


def board_of(seen: Seen, clusters: Sequence[str]) -> Board:
    """Definitions of kinds share one row; everything else has its own, in order of name."""
    header = tuple(_cluster(seen.get(("Cluster", "", name)), name) for name in clusters)
    definitions = [b for key, b in sorted(seen.items()) if key[0] == "ClusterResourceBinding"]
    rows = [_definitions_row(definitions, clusters)] if definitions else []
    rows += [_row(seen, b, clusters) for key, b in sorted(seen.items()) if key[0] == "ResourceBinding"]
    return Board(header, tuple(rows))


def _cluster(cluster: Obj | None, name: str) -> Cell:
    if cluster is None:
        return Cell(name)
    ready = (find((cluster.get("status") or {}).get("conditions"), "Ready") or {}).get("status", "Unknown")
    tone = {"True": Tone.GOOD, "False": Tone.BAD}.get(ready, Tone.WAIT)
    mode = (cluster.get("spec") or {}).get("syncMode", "")
    return Cell(f"{name} {mode} {'Ready' if ready == 'True' else f'Ready={ready}'}", tone)


def _definitions_row(bindings: Sequence[Obj], clusters: Sequence[str]) -> tuple[str, tuple[Cell, ...]]:
    counts = {cluster: sum(_is_healthy(b, cluster) for b in bindings) for cluster in clusters}
    cells = [Cell(f"{n} of {len(bindings)}", Tone.GOOD if n == len(bindings) else Tone.WAIT) for n in counts.values()]
    return "definitions of Flux's kinds", tuple(cells)


def _row(seen: Seen, binding: Obj, clusters: Sequence[str]) -> tuple[str, tuple[Cell, ...]]:
    resource = binding["spec"]["resource"]
    template = seen.get((resource["kind"], resource.get("namespace", ""), resource["name"]), {})
    cells = tuple(_cell(seen, binding, template, cluster) for cluster in clusters)
    return f"{resource['kind']} {resource['name']}", cells


def _cell(seen: Seen, binding: Obj, template: Obj, cluster: str) -> Cell:
    targets = {c["name"] for c in binding["spec"].get("clusters") or ()}
    item = _items(binding).get(cluster)
    if item is None:
        return WAITING if cluster in targets else NOT_HERE
    if not item.get("applied"):
        return Cell("not applied", Tone.BAD)
    status = item.get("status") or {}
    generation = meta_of(template).get("generation")
    if status.get("resourceTemplateGeneration") not in (generation, None):
        return Cell(f"old: {status['resourceTemplateGeneration']} of {generation}", Tone.WAIT)
    text = f"{status['readyReplicas']} ready" if "readyReplicas" in status else str(item.get("health"))
    mark = ", overridden" if _is_overridden(seen, binding, cluster) else ""
    return Cell(text + mark, Tone.GOOD if item.get("health") == "Healthy" else Tone.WAIT)


def _is_overridden(seen: Seen, binding: Obj, cluster: str) -> bool:
    resource = binding["spec"]["resource"]
    wanted = (resource["kind"], resource["name"])
    for (kind, namespace, _), work in seen.items():
        if kind == "Work" and namespace == execution_namespace(cluster):
            for manifest in work["spec"]["workload"]["manifests"]:
                if (manifest["kind"], meta_of(manifest)["name"]) == wanted:
                    return APPLIED_OVERRIDES in annotations_of(manifest) or APPLIED_OVERRIDES in annotations_of(work)
    return False


def _is_healthy(binding: Obj, cluster: str) -> bool:
    item = _items(binding).get(cluster) or {}
    return bool(item.get("applied") and item.get("health") == "Healthy")


def _items(binding: Obj) -> Mapping[str, Obj]:
    items = (binding.get("status") or {}).get("aggregatedStatus") or ()
    return {item["clusterName"]: item for item in items}
