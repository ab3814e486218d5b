"""The kinds of Flux: HelmRelease, Kustomization and the sources. One row each, as all work alike, in any version."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..conditions import find
from ..objects import Obj, meta_of, namespace_of
from .base import Item, Kind, at, generations, health, spec_of, status_of, statuses, summed, with_value
from .generic import merged_conditions, observes_template
from .references import reference

__all__ = ["KINDS"]

_COUNTERS = ("failures", "upgradeFailures", "installFailures")
_SECRETS = (
    ("secretRef",),
    ("verify", "secretRef"),
    ("certSecretRef",),
    ("decryption", "secretRef"),
    ("kubeConfig", "secretRef"),
    ("chart", "spec", "verify", "secretRef"),
)
"""Where in a spec one of Flux's kinds names a Secret; no kind has them all."""

_VALUES = ("ConfigMap", "Secret")


@dataclass(frozen=True, slots=True)
class _Row:
    """`last`: the template shows the last cluster's that has the field; `other`: reflected, never aggregated."""

    reasons: frozenset[str]
    last: tuple[str, ...]
    other: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()

    def health(self, obj: Obj) -> str:
        """A Ready of an unknown reason is not trusted: Flux sets Ready=True for some unfinished states too."""
        ready = find(status_of(obj).get("conditions"), "Ready") or {}
        return health(ready.get("status") == "True" and ready.get("reason") in self.reasons)

    def reflect(self, obj: Obj) -> Obj | None:
        status = status_of(obj)
        names = ("conditions", "observedGeneration", *self.last, *self.counters, *self.other)
        return {**{name: status[name] for name in names if name in status}, **generations(obj)}

    def aggregate(self, template: Obj, items: Sequence[Item]) -> Obj | None:
        """Counters are the members' sum. Upstream adds that sum to what the template has, so that it grows for ever."""
        rebuilt = ("conditions", *self.last, *self.counters)
        status = {key: value for key, value in status_of(template).items() if key not in rebuilt}
        status["conditions"] = merged_conditions(items)
        status |= {name: s[name] for s in statuses(items) for name in self.last if s.get(name)}
        status |= summed(items, self.counters)
        if observes_template(template, items):
            status["observedGeneration"] = meta_of(template).get("generation", 0)
        return status


def _retain(desired: Obj, live: Obj) -> Obj:
    """Whoever suspended reconciliation in the member had a reason."""
    suspended = at(live, "spec", "suspend")
    return desired if suspended is None else with_value(desired, ("spec", "suspend"), suspended)


def _dependencies(obj: Obj) -> list[Obj]:
    """Credentials, values and the account to work as; not the source, which has a policy of its own."""
    spec, namespace = spec_of(obj), namespace_of(obj)
    values = spec.get("valuesFrom") or ()
    found = {(v["kind"], v["name"]) for v in values if v.get("kind") in _VALUES and v.get("name")}
    found |= {("Secret", name) for path in _SECRETS if (name := at(spec, *path, "name"))}
    found |= {("ServiceAccount", name) for name in (spec.get("serviceAccountName"),) if name}
    return [reference(kind, namespace, name) for kind, name in sorted(found)]


def _kind(row: _Row) -> Kind:
    return Kind(
        retain=_retain,
        health=row.health,
        reflect=row.reflect,
        aggregate=row.aggregate,
        dependencies=_dependencies,
    )


_RECONCILED = frozenset({"ReconciliationSucceeded"})
# Newer HelmReleases tell which step made them ready.
_RELEASED = _RECONCILED | {"InstallSucceeded", "UpgradeSucceeded", "TestSucceeded"}
_FETCHED = frozenset({"Succeeded"})
_PULLED = _FETCHED | {"ChartPullSucceeded"}

KINDS = {
    ("helm.toolkit.fluxcd.io", "HelmRelease"): _kind(
        _Row(
            reasons=_RELEASED,
            last=(
                "lastAttemptedRevision",
                "lastAppliedRevision",
                "lastAttemptedValuesChecksum",
                "lastAttemptedConfigDigest",
                "lastReleaseRevision",
                "helmChart",
            ),
            counters=_COUNTERS,
        )
    ),
    ("kustomize.toolkit.fluxcd.io", "Kustomization"): _kind(
        _Row(_RECONCILED, ("lastAppliedRevision", "lastAttemptedRevision"))
    ),
    ("source.toolkit.fluxcd.io", "GitRepository"): _kind(
        _Row(_FETCHED, ("artifact",), other=("observedIgnore", "observedRecurseSubmodules"))
    ),
    ("source.toolkit.fluxcd.io", "HelmRepository"): _kind(_Row(_FETCHED, ("artifact", "url"))),
    ("source.toolkit.fluxcd.io", "Bucket"): _kind(_Row(_FETCHED, ("artifact", "url"), other=("observedIgnore",))),
    ("source.toolkit.fluxcd.io", "HelmChart"): _kind(
        _Row(_PULLED, ("artifact", "observedChartName", "observedSourceArtifactRevision", "url"))
    ),
    ("source.toolkit.fluxcd.io", "OCIRepository"): _kind(
        _Row(_FETCHED, ("artifact", "url"), other=("observedIgnore", "observedLayerSelector"))
    ),
}
