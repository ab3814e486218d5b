"""Apply the override policies that match one manifest and one cluster, in Karmada's order. Pure.

ClusterOverridePolicies come first, then the OverridePolicies of the manifest's namespace; within each the less specific
selector, then the smaller name. What comes later wins. Overriders see a private copy; nothing is copied or patched when
no rule matches, which is the usual case.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj, copy_of, gvk_of, namespace_of, ref_of

from ..detector.match import match_level
from ..model.cluster import Cluster
from ..model.override import OverridePolicy, Overriders
from .overriders import OVERRIDERS

__all__ = ["Overridden", "OverrideFailed", "applied_to", "override", "selected"]


class OverrideFailed(Terminal):
    """A policy's overriders do not fit the manifest; the Work of that cluster stays as it was."""

    reason = "ApplyOverridePolicyFailed"


class Overridden(NamedTuple):
    """The manifest, and which rules made it so: JSON lists as Karmada's annotations hold them, None for none."""

    manifest: Obj
    applied_cluster: str | None = None
    applied: str | None = None


class Match(NamedTuple):
    policy: OverridePolicy
    overriders: Overriders


def override(manifest: Obj, cluster: Cluster, policies: Sequence[OverridePolicy]) -> Overridden:
    """`policies` of both scopes, in any order. Raises OverrideFailed."""
    return applied_to(manifest, cluster, selected(manifest, policies))


def selected(manifest: Obj, policies: Iterable[OverridePolicy]) -> tuple[OverridePolicy, ...]:
    """The policies that select the manifest, in the order of application. The same for every cluster."""
    ranked = (
        ((bool(policy.namespace), found, policy.name), policy)
        for policy in policies
        if policy.namespace in ("", namespace_of(manifest)) and (found := _level(policy, manifest)) is not None
    )
    return tuple(policy for _, policy in sorted(ranked, key=lambda pair: pair[0]))


def applied_to(manifest: Obj, cluster: Cluster, policies: Sequence[OverridePolicy]) -> Overridden:
    """`policies`: as `selected` returns them. Raises OverrideFailed, also for one that cannot be read."""
    if unreadable := next((policy for policy in policies if policy.unreadable), None):
        why = f"this release cannot read it ({unreadable.unreadable})"
        raise _failed(unreadable, manifest, cluster, why)
    matches = [
        Match(policy, rule.overriders)
        for policy in policies
        for rule in policy.spec.rules
        if rule.target_cluster is None or rule.target_cluster.matches(cluster)
    ]
    if not matches:
        return Overridden(manifest)
    private = copy_of(manifest)
    for match in matches:
        _apply(match, private, manifest, cluster)
    return Overridden(
        private,
        _record([m for m in matches if not m.policy.namespace]),
        _record([m for m in matches if m.policy.namespace]),
    )


def _level(policy: OverridePolicy, manifest: Obj) -> int | None:
    """How specifically the policy selects the manifest; 0 when it has no selectors, None when it does not select it."""
    if not policy.spec.resource_selectors:
        return 0
    return max(match_level(selector, manifest) for selector in policy.spec.resource_selectors) or None


def _apply(match: Match, private: Obj, original: Obj, cluster: Cluster) -> None:
    for word, apply in OVERRIDERS.items():
        args = getattr(match.overriders, word)
        if not args:
            continue
        try:
            apply(private, args)
        except Terminal as err:
            raise _failed(match.policy, original, cluster, str(err)) from err
    if not _is_object(private):
        raise _failed(
            match.policy, original, cluster, "it would leave no apiVersion, kind or name, or labels that are no map"
        )
    if match.policy.namespace and _identity(private) != _identity(original):
        # Who may write policies in one namespace must not reach other namespaces or kinds of the members with them.
        raise _failed(
            match.policy,
            original,
            cluster,
            "it would change the kind or namespace, which only a ClusterOverridePolicy may",
        )


def _is_object(manifest: Obj) -> bool:
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict) or not all(
        (metadata.get("name"), manifest.get("apiVersion"), manifest.get("kind"))
    ):
        return False
    return all(isinstance(metadata.get(word), dict | None) for word in ("labels", "annotations"))


def _identity(manifest: Obj) -> tuple[str, str, str]:
    gvk = gvk_of(manifest)
    return gvk.group, gvk.kind, namespace_of(manifest)


def _failed(policy: OverridePolicy, manifest: Obj, cluster: Cluster, why: str) -> OverrideFailed:
    named = (
        f"OverridePolicy {policy.namespace}/{policy.name}"
        if policy.namespace
        else f"ClusterOverridePolicy {policy.name}"
    )
    return OverrideFailed(
        f"{named} cannot be applied to {ref_of(manifest)} for cluster {cluster.name}: {why}; "
        "until this is corrected the cluster keeps what it has"
    )


def _record(matches: list[Match]) -> str | None:
    if not matches:
        return None
    shadows = [{"policyName": _policy_key(m.policy), "overriders": _written(m.overriders)} for m in matches]
    # Stable: the rules of one policy stay in their order.
    return orjson.dumps(sorted(shadows, key=lambda s: str(s["policyName"]))).decode()


def _policy_key(policy: OverridePolicy) -> str:
    return f"{policy.namespace}/{policy.name}" if policy.namespace else policy.name


def _written(overriders: Overriders) -> dict[str, Any]:
    return overriders.model_dump(by_alias=True, exclude_unset=True)
