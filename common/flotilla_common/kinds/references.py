"""What a pod refers to: the ConfigMaps, Secrets, ServiceAccount and claims without which it cannot start."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..objects import Obj, namespace_of
from .base import at

__all__ = ["pods_of", "reference", "references_of", "secrets"]

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_SECRETS_IN_VOLUMES = (
    ("azureFile", "secretName"),
    ("cephfs", "secretRef", "name"),
    ("cinder", "secretRef", "name"),
    ("csi", "nodePublishSecretRef", "name"),
    ("flexVolume", "secretRef", "name"),
    ("iscsi", "secretRef", "name"),
    ("rbd", "secretRef", "name"),
    ("scaleIO", "secretRef", "name"),
    ("secret", "secretName"),
    ("storageos", "secretRef", "name"),
)


def reference(kind: str, namespace: str, name: str, api_version: str = "v1") -> Obj:
    """One object, as a binding's list of dependencies names it."""
    where = {"namespace": namespace} if namespace else {}
    return {"apiVersion": api_version, "kind": kind, **where, "name": name}


def secrets(namespace: str, names: Iterable[Any]) -> list[Obj]:
    """Those of the names that are given."""
    return [reference("Secret", namespace, name) for name in names if name]


def pods_of(*path: str) -> Callable[[Obj], list[Obj]]:
    """The dependencies of a kind whose pod's spec lies at `path`."""

    def dependencies(obj: Obj) -> list[Obj]:
        return references_of(namespace_of(obj), at(obj, *path) or {})

    return dependencies


def references_of(namespace: str, *pods: Mapping[str, Any]) -> list[Obj]:
    """Of the specs of pods. What is marked optional counts: it is left out only while it is not there."""
    found = {
        "ConfigMap": {name for pod in pods for name in _config_maps(pod)},
        "Secret": {name for pod in pods for name in _secrets(pod)},
        "ServiceAccount": {pod.get("serviceAccountName") for pod in pods} - {"default"},
        "PersistentVolumeClaim": {at(v, "persistentVolumeClaim", "claimName") for pod in pods for v in _volumes(pod)},
    }
    return [reference(kind, namespace, name) for kind, names in found.items() for name in sorted(filter(None, names))]


def _config_maps(pod: Mapping[str, Any]) -> Iterator[Any]:
    for container in _containers(pod):
        yield from (at(source, "configMapRef", "name") for source in container.get("envFrom") or ())
        yield from (at(env, "valueFrom", "configMapKeyRef", "name") for env in container.get("env") or ())
    for volume in _volumes(pod):
        yield at(volume, "configMap", "name")
    yield from (at(source, "configMap", "name") for source in _projected(pod))


def _secrets(pod: Mapping[str, Any]) -> Iterator[Any]:
    yield from (at(secret, "name") for secret in pod.get("imagePullSecrets") or ())
    for container in _containers(pod):
        yield from (at(source, "secretRef", "name") for source in container.get("envFrom") or ())
        yield from (at(env, "valueFrom", "secretKeyRef", "name") for env in container.get("env") or ())
    for volume in _volumes(pod):
        yield from (at(volume, *path) for path in _SECRETS_IN_VOLUMES)
    yield from (at(source, "secret", "name") for source in _projected(pod))


def _containers(pod: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (container for field in _CONTAINERS for container in pod.get(field) or ())


def _volumes(pod: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return pod.get("volumes") or ()


def _projected(pod: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (source for volume in _volumes(pod) for source in at(volume, "projected", "sources") or ())
