"""Builders of Works and the objects in them, as tests of the agent need them."""

from typing import Any

from flotilla_common.messages import WorkMessage
from flotilla_common.objects import GVK, Obj, encode

CONFIG_MAP = GVK("", "v1", "ConfigMap")
DEPLOYMENT = GVK("apps", "v1", "Deployment")
NAMESPACE = GVK("", "v1", "Namespace")


def config_map(name: str = "colours", namespace: str = "default", **data: str) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": data or {"sky": "blue"},
    }


def namespace(name: str = "shop") -> Obj:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def deployment(name: str = "web", namespace: str = "default", *, image: str = "web:1", replicas: int = 2) -> Obj:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "web", "image": image}]},
            },
        },
    }


def custom_resource_definition(group: str = "example.test", kind: str = "Widget") -> Obj:
    plural = f"{kind.lower()}s"
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                }
            ],
        },
    }


def labelled(obj: Obj, **labels: str) -> Obj:
    """With these labels; `__` in a name stands for `/`, `_` for a dot."""
    named = {key.replace("__", "/").replace("_", "."): value for key, value in labels.items()}
    return {**obj, "metadata": {**obj["metadata"], "labels": {**(obj["metadata"].get("labels") or {}), **named}}}


def annotated(obj: Obj, annotations: dict[str, str]) -> Obj:
    return {**obj, "metadata": {**obj["metadata"], "annotations": annotations}}


def managed(obj: Obj) -> Obj:
    return labelled(obj, karmada_io__managed="true")


def work(*manifests: Obj, name: str = "w", **more: Any) -> WorkMessage:
    return WorkMessage(cluster="m1", name=name, manifests=[encode(m) for m in manifests], **more)


def tombstone(name: str = "w", **more: Any) -> WorkMessage:
    return WorkMessage(cluster="m1", name=name, deleted=True, **more)


def named(obj: Obj) -> bytes:
    """As a tombstone names an object: nothing but what finds it."""
    metadata = {key: value for key, value in obj["metadata"].items() if key in ("name", "namespace")}
    return encode({"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": metadata})


def row(message: WorkMessage, revision: int = 1) -> tuple[str, int, bytes]:
    """As an inbox hands it to the journal."""
    return message.name, revision, message.pack()
