"""Each override rule that applies to one cluster's manifest, with what it changes. Tells what `override` did."""

from collections.abc import Iterator, Sequence

from flotilla_common import kinds
from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj

from ..detector.claim import released
from ..model.cluster import Cluster
from ..model.override import OverridePolicy, OverrideSpec
from ..override.core import applied_to, selected
from ..work.prune import pruned
from ..work.targets import completions_of, is_workload
from .diff import difference
from .explanation import AppliedRule
from .values import Named

__all__ = ["applied_rules", "selected_for", "sized"]


def selected_for(template: Obj, policies: Sequence[OverridePolicy]) -> tuple[OverridePolicy, ...]:
    """The policies that select what is sent, in the order they apply."""
    return selected(_bare(template), policies)


def sized(template: Obj, binding: Obj, cluster: str, replicas: int) -> Obj:
    """The manifest of one cluster before any override."""
    manifest = kinds.revise(_bare(template), replicas) if is_workload(binding) else _bare(template)
    completions = completions_of(binding, template)
    if cluster in completions:
        manifest = {**manifest, "spec": {**manifest["spec"], "completions": completions[cluster]}}
    return manifest


def applied_rules(manifest: Obj, cluster: Cluster, policies: Sequence[OverridePolicy]) -> tuple[AppliedRule, ...]:
    """`policies` as `selected_for` returns them. A rule that fails is the last: the Work is not made then."""
    return tuple(_applied(manifest, cluster, policies))


def _applied(manifest: Obj, cluster: Cluster, policies: Sequence[OverridePolicy]) -> Iterator[AppliedRule]:
    for policy in policies:
        for number, rule in enumerate(policy.spec.rules):
            if rule.target_cluster is not None and not rule.target_cluster.matches(cluster):
                continue
            alone = policy.model_copy(update={"spec": OverrideSpec(override_rules=(rule,))})
            try:
                after = applied_to(manifest, cluster, [alone]).manifest
            except Terminal as err:
                yield AppliedRule(policy=_named(policy), rule=number, error=str(err))
                return
            yield AppliedRule(policy=_named(policy), rule=number, changes=difference(manifest, after))
            manifest = after


def _bare(template: Obj) -> Obj:
    return pruned(released(template) or template)


def _named(policy: OverridePolicy) -> Named:
    kind = "OverridePolicy" if policy.namespace else "ClusterOverridePolicy"
    return Named(api_version="policy.karmada.io/v1alpha1", kind=kind, namespace=policy.namespace, name=policy.name)
