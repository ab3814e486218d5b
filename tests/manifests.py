"""Manifests tests build on: small, valid, and named by what differs."""

from typing import Any

from flotilla_common.objects import Obj

__all__ = ["config_map", "deployment", "policy"]


def deployment(name: str, *, replicas: int = 2, image: str = "nginx:1.25", namespace: str = "default") -> Obj:
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": {"suite": "flotilla"}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "main", "image": image, "ports": [{"containerPort": 80}]}]},
            },
        },
    }


def config_map(name: str, data: dict[str, str], namespace: str = "default") -> Obj:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data}


def policy(name: str, *clusters: str, kind: str = "Deployment", api_version: str = "apps/v1", **spec: Any) -> Obj:
    """A PropagationPolicy in `default` for all objects of a kind."""
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "PropagationPolicy",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "resourceSelectors": [{"apiVersion": api_version, "kind": kind}],
            "placement": {"clusterAffinity": {"clusterNames": list(clusters)}},
            **spec,
        },
    }
