"""What must be true after each step of the story, read from what the hub says. Pure.

Each check answers None when it holds, else what is still missing, for the one who waits.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flotilla_common.conditions import find
from flotilla_common.objects import Obj, meta_of

from ..names import binding_name, execution_namespace
from .lookout import Seen

__all__ = ["is_at", "missing_override", "missing_placement", "missing_ready", "missing_status", "reported"]

Template = tuple[str, str, str]
"""(kind, namespace, name)."""


def missing_ready(seen: Seen, clusters: Collection[str], ready: str = "True") -> str | None:
    """Every one of `clusters` has this Ready status, and a version reported when that is True."""
    for name in clusters:
        status = seen.get(("Cluster", "", name), {}).get("status") or {}
        held = (find(status.get("conditions"), "Ready") or {}).get("status", "not known")
        if held != ready:
            return f"{name} is to be Ready={ready}, it is {held}"
        if ready == "True" and not status.get("kubernetesVersion"):
            return f"{name} has not told about itself yet"
    return None


def missing_placement(seen: Seen, template: Template, clusters: Sequence[str]) -> str | None:
    """The template is in exactly `clusters`: scheduled there, applied, healthy, and at its generation."""
    said = reported(seen, template)
    targets = sorted(c["name"] for c in (_binding(seen, template).get("spec") or {}).get("clusters") or ())
    if targets != sorted(clusters):
        return f"{_label(template)} is to go to {', '.join(clusters)}; scheduled: {', '.join(targets) or 'nowhere'}"
    for cluster in clusters:
        item = said.get(cluster)
        if item is None:
            return f"{cluster} has not reported on {_label(template)}"
        if not item.get("applied"):
            return f"{_label(template)} is not applied in {cluster}: {item.get('appliedMessage', 'no reason given')}"
        if item.get("health") != "Healthy":
            return f"{_label(template)} in {cluster} is {item.get('health')}"
        if _is_behind(seen, template, cluster):
            return f"{_label(template)} in {cluster} is not at the template's generation"
    if extra := sorted(set(said) - set(clusters)):
        return f"{_label(template)} is still in {', '.join(extra)}"
    return None


def is_at(seen: Seen, template: Template, cluster: str) -> bool:
    """Whether the cluster reports on the template as it is now."""
    status = (reported(seen, template).get(cluster) or {}).get("status") or {}
    return "resourceTemplateGeneration" in status and not _is_behind(seen, template, cluster)


def _is_behind(seen: Seen, template: Template, cluster: str) -> bool:
    """Whether it reports on an older version; of some kinds (definitions) no version is reported."""
    status = (reported(seen, template).get(cluster) or {}).get("status") or {}
    generation = meta_of(seen.get(template, {})).get("generation")
    return bool(status.get("resourceTemplateGeneration", generation) != generation)


def missing_status(seen: Seen, template: Template, wanted: Mapping[str, Any]) -> str | None:
    """The template's own status has these values; `observedGeneration` is always compared with its generation."""
    found = seen.get(template, {})
    status = found.get("status") or {}
    values = {**wanted, "observedGeneration": meta_of(found).get("generation")}
    differing = [
        f"{key} is {status.get(key)!r}, not {value!r}" for key, value in values.items() if status.get(key) != value
    ]
    return f"status of {_label(template)}: {', '.join(differing)}" if differing else None


def missing_override(seen: Seen, template: Template, only: str, others: Sequence[str], values: Any) -> str | None:
    """`spec.values` is in the Work for `only` and in the member, which reports a newer object than `others` have."""
    for cluster in (only, *others):
        work = _work(seen, template, cluster)
        held = (work.get("spec") or {}).get("values")
        expected = values if cluster == only else None
        if held != expected:
            return f"the Work of {_label(template)} for {cluster} is to have values {expected}, it has {held}"
    for cluster in (only, *others):
        status = (reported(seen, template).get(cluster) or {}).get("status") or {}
        generation, observed = status.get("generation", 0), status.get("observedGeneration", 0)
        # The override changes the object in the member once: its own API server counts that as a second generation.
        if generation != (2 if cluster == only else 1) or observed != generation:
            return f"{cluster} reports generation {generation} of {_label(template)}, {observed} of it observed"
    return None


def reported(seen: Seen, template: Template) -> dict[str, Obj]:
    """The binding's `aggregatedStatus` by cluster."""
    items = (_binding(seen, template).get("status") or {}).get("aggregatedStatus") or ()
    return {item["clusterName"]: item for item in items}


def _binding(seen: Seen, template: Template) -> Obj:
    kind, namespace, name = template
    binding = "ResourceBinding" if namespace else "ClusterResourceBinding"
    return seen.get((binding, namespace, binding_name(kind, name)), {})


def _work(seen: Seen, template: Template, cluster: str) -> Obj:
    """The template's manifest in the Work for a cluster."""
    for (kind, namespace, _), work in seen.items():
        if kind == "Work" and namespace == execution_namespace(cluster):
            for manifest in (work.get("spec") or {}).get("workload", {}).get("manifests") or ():
                if (manifest["kind"], meta_of(manifest).get("namespace", ""), meta_of(manifest)["name"]) == template:
                    found: Obj = manifest
                    return found
    return {}


def _label(template: Template) -> str:
    kind, namespace, name = template
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
