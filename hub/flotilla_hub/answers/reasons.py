"""Every plugin that turns a cluster down, not only the first, and with the values it looked at."""

from collections.abc import Callable, Mapping, Sequence

from flotilla_common.objects import Obj

from ..model.cluster import Cluster, Taint
from ..model.selectors import ClusterAffinity, Requirement
from ..scheduler.plugins import FILTERS, Filter, name_of
from ..scheduler.plugins.taint_toleration import tolerates
from ..scheduler.request import Request
from .explanation import Reason

__all__ = ["reasons_of"]


def reasons_of(request: Request, cluster: Cluster, obj: Obj, filters: Sequence[Filter] = FILTERS) -> tuple[Reason, ...]:
    """In the plugins' order; empty when the cluster fits. `obj` is the Cluster as stored: it dates its taints."""
    found = []
    for rule in filters:
        message = rule(request, cluster)
        if message is not None:
            plugin = name_of(rule)
            detail = _DETAILS[plugin](request, cluster, obj) if plugin in _DETAILS else ""
            found.append(Reason(plugin=plugin, message=message, detail=detail))
    return tuple(found)


def _affinity(request: Request, cluster: Cluster, obj: Obj) -> str:
    wanted = [affinity for affinity in request.tiers() if affinity is not None]
    return "; ".join(dict.fromkeys(_why_outside(affinity, cluster) for affinity in wanted))


def _why_outside(affinity: ClusterAffinity, cluster: Cluster) -> str:
    """The first part of the affinity that does not hold."""
    if cluster.name in (affinity.exclude or ()):
        return "it is in exclude"
    if affinity.label_selector is not None and not affinity.label_selector.matches(cluster.labels):
        return _why_unlabelled(affinity, cluster)
    if affinity.field_selector is not None and not affinity.field_selector.matches(cluster):
        return _why_elsewhere(affinity, cluster)
    return f"it is not in clusterNames ({_few(affinity.cluster_names or ())})"


def _why_unlabelled(affinity: ClusterAffinity, cluster: Cluster) -> str:
    selector = affinity.label_selector
    assert selector is not None
    for key, value in (selector.match_labels or {}).items():
        if cluster.labels.get(key) != value:
            return f"{_label(cluster, key)}, the policy wants {key}={value}"
    for wanted in selector.match_expressions or ():
        if not wanted.matches([cluster.labels[wanted.key]] if wanted.key in cluster.labels else []):
            return f"{_label(cluster, wanted.key)}, the policy wants {_words(wanted)}"
    return ""


def _why_elsewhere(affinity: ClusterAffinity, cluster: Cluster) -> str:
    selector = affinity.field_selector
    assert selector is not None
    fields = {"provider": [cluster.provider], "region": [cluster.region], "zone": list(cluster.zones)}
    for wanted in selector.match_expressions or ():
        present = [value for value in fields.get(wanted.key, []) if value]
        if not wanted.matches(present):
            return f"its {wanted.key} is {_few(present) or 'not set'}, the policy wants {_words(wanted)}"
    return ""


def _label(cluster: Cluster, key: str) -> str:
    return f"its label is {key}={cluster.labels[key]}" if key in cluster.labels else f"it has no label {key}"


def _words(wanted: Requirement) -> str:
    return f"{wanted.key} {wanted.operator}" + (f" ({_few(wanted.values)})" if wanted.values else "")


def _anti_affinity(request: Request, cluster: Cluster, obj: Obj) -> str:
    return "the policy's clusterAntiAffinity matches it"


def _api(request: Request, cluster: Cluster, obj: Obj) -> str:
    if not cluster.apis:
        return "its agent has not said yet what it serves"
    return f"{request.gvk} is not among the {len(cluster.apis)} kinds its agent reports"


def _taints(request: Request, cluster: Cluster, obj: Obj) -> str:
    """All of those not tolerated, and since when they are there."""
    added = {_key(t): t.get("timeAdded") for t in (obj.get("spec") or {}).get("taints") or ()}
    tolerations = request.placement.cluster_tolerations or ()
    kept_out = [
        taint
        for taint in cluster.taints
        if taint.effect in ("NoSchedule", "NoExecute") and not any(tolerates(t, taint) for t in tolerations)
    ]
    return ", ".join(f"{taint}" + (f" since {added[taint]}" if added.get(taint) else "") for taint in kept_out)


def _key(taint: Mapping[str, str]) -> Taint:
    return Taint(taint["key"], taint.get("value") or "", taint["effect"])


def _company(request: Request, cluster: Cluster, obj: Obj) -> str:
    if not request.together:
        return "the others of its affinity group have no cluster in common"
    return f"the others of its affinity group are in {_few(sorted(request.together))}"


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


_DETAILS: Mapping[str, Callable[[Request, Cluster, Obj], str]] = {
    "ClusterAffinity": _affinity,
    "ClusterAntiAffinity": _anti_affinity,
    "APIEnablement": _api,
    "TaintToleration": _taints,
    "WorkloadAffinity": _company,
}
"""What a plugin's message leaves out; one that is not here says it all."""
