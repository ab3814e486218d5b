"""Builders for the hub's pure tests: the smallest valid object of each kind, with what a test is about set on top."""

from typing import Any

import yaml

from flotilla_common.objects import Obj
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.model.override import OverridePolicy
from flotilla_hub.model.policy import Policy

DEPLOYMENTS = {"apiVersion": "apps/v1", "kind": "Deployment"}


def deployment(name: str = "nginx", namespace: str = "default", *, replicas: int = 3, **metadata: Any) -> Obj:
    """As the hub stores it: with a uid, a generation and a resourceVersion."""
    server = {
        "uid": f"uid-{name}",
        "generation": 2,
        "resourceVersion": "7",
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    container = {"name": "app", "image": "nginx:1.14.2"}
    return {
        **DEPLOYMENTS,
        "metadata": {"name": name, "namespace": namespace, **server, **metadata},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [container]}}},
    }


def manifest(kind: str, name: str = "it", namespace: str = "default", *, api_version: str = "v1", **body: Any) -> Obj:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), **body.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}


def selector(name: str | None = None, **more: Any) -> dict[str, Any]:
    return {**DEPLOYMENTS, **({"name": name} if name else {}), **more}


def policy_object(name: str = "web", namespace: str = "default", *selectors: dict[str, Any], **spec: Any) -> Obj:
    """A PropagationPolicy, or with an empty namespace a ClusterPropagationPolicy."""
    kind, prefix = ("PropagationPolicy", "") if namespace else ("ClusterPropagationPolicy", "cluster")
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": kind,
        "metadata": {
            "name": name,
            **({"namespace": namespace} if namespace else {}),
            "labels": {f"{prefix}propagationpolicy.karmada.io/permanent-id": f"id-{name}"},
        },
        "spec": {"resourceSelectors": list(selectors or (selector("nginx"),)), **spec},
    }


def policy(name: str = "web", namespace: str = "default", *selectors: dict[str, Any], **spec: Any) -> Policy:
    return Policy.of(policy_object(name, namespace, *selectors, **spec))


def override_policy(
    name: str = "patch",
    namespace: str = "default",
    *,
    selectors: list[dict[str, Any]] | None = None,
    clusters: tuple[str, ...] = (),
    **overriders: Any,
) -> OverridePolicy:
    """One rule, for `clusters` (none: all of them)."""
    rule: dict[str, Any] = {"overriders": overriders}
    if clusters:
        rule["targetCluster"] = {"clusterNames": list(clusters)}
    spec = {"overrideRules": [rule], **({"resourceSelectors": selectors} if selectors is not None else {})}
    return OverridePolicy.of({"metadata": {"name": name, "namespace": namespace}, "spec": spec})


def plaintext(path: str, value: Any = None, operator: str = "add") -> dict[str, Any]:
    return {"path": path, "operator": operator, **({} if operator == "remove" else {"value": value})}


def cluster(name: str = "member1", **fields: Any) -> Cluster:
    return Cluster(name=name, **fields)


def documents(text: str) -> list[Obj]:
    """The objects in a YAML file of several."""
    return [document for document in yaml.safe_load_all(text) if document]
