"""Nodes and pods of a large member, as many as asked for and as large as real ones, and the unrest among them."""

import asyncio
from collections.abc import Mapping
from functools import cache
from itertools import cycle, islice
from typing import Any

from flotilla_common.conditions import condition
from flotilla_common.objects import Obj, encode

from .shelves import Key, Shelves, Stored

__all__ = ["populace", "unrest"]

_THEN = "2026-01-01T00:00:00Z"
_IMAGES = 20
"""On each node; the kubelet reports up to 50."""
_RESTLESS = 1_000
"""Pods whose status changes, where any does."""


async def unrest(shelves: Shelves, per_second: float) -> None:
    """Pods report a new status, one after the other, for ever: what goes on in a large cluster all day."""
    loop, start = asyncio.get_running_loop(), asyncio.get_running_loop().time()
    restless = [stored.key for stored in islice(shelves.all("pods"), _RESTLESS)]
    for number, key in enumerate(cycle(restless)):
        await asyncio.sleep(max(0.0, start + number / per_second - loop.time()))
        stored = shelves.get("pods", key)
        if stored is not None:
            pod = stored.obj()
            pod["status"]["hostIP"] = f"10.0.{number // 250 % 250}.{number % 250}"
            shelves.put("pods", key, pod)


@cache
def populace(nodes: int, pods: int) -> Mapping[str, Mapping[Key, Stored]]:
    """By kind. Nodes have 32 cpu, 128Gi and are Ready; pods run on them in turn and ask for 250m and 512Mi each."""
    return {
        "nodes": _stored(_node(n) for n in range(nodes)),
        "pods": _stored(_pod(n, n % nodes if nodes else 0) for n in range(pods)),
    }


def _stored(objects: Any) -> Mapping[Key, Stored]:
    made = {}
    for obj in objects:
        meta = obj["metadata"]
        key = Key(meta.get("namespace", ""), meta["name"])
        made[key] = Stored(key, 1, encode(obj))
    return made


def _meta(name: str, number: int, **more: Any) -> Obj:
    uid = f"00000000-0000-4000-8000-{number:012d}"
    return {"name": name, "uid": uid, "resourceVersion": "1", "creationTimestamp": _THEN, **more}


def _node(n: int) -> Obj:
    name = f"node-{n:05d}"
    labels = {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "standard-32",
        "topology.kubernetes.io/region": "north",
        "topology.kubernetes.io/zone": f"north-{n % 3}",
    }
    resources = {"cpu": "32", "memory": "131072Mi", "ephemeral-storage": "101430960Ki", "pods": "110"}
    pressures = ("MemoryPressure", "DiskPressure", "PIDPressure")
    conditions = [
        *(condition(kind, False, f"KubeletHasNo{kind}", "kubelet has what it needs", _THEN) for kind in pressures),
        condition("Ready", True, "KubeletReady", "kubelet is posting ready status", _THEN),
    ]
    images = [
        {"names": [f"registry.example/team-{i}/service@sha256:{i:064x}", f"registry.example/team-{i}/service:1.{i}"]}
        for i in range(_IMAGES)
    ]
    annotations = {"volumes.kubernetes.io/controller-managed-attach-detach": "true"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": _meta(name, n, labels=labels, annotations=annotations, managedFields=_fields("kubelet", 60)),
        "spec": {"podCIDR": f"10.{n // 256}.{n % 256}.0/24", "providerID": f"cloud://north/{name}"},
        "status": {
            "capacity": {**resources, "memory": "131592Mi"},
            "allocatable": resources,
            "conditions": conditions,
            "addresses": [{"type": "InternalIP", "address": f"10.0.{n // 256}.{n % 256}"}],
            "images": [{**image, "sizeBytes": 123_456_789} for image in images],
            "nodeInfo": {"kubeletVersion": "v1.34.0", "osImage": "Linux", "architecture": "amd64"},
        },
    }


def _pod(n: int, node: int) -> Obj:
    name, app = f"web-{n // 20:04d}-7d4b9c{n % 20:02d}x", f"web-{n // 20:04d}"
    requests = {"cpu": "250m", "memory": "512Mi"}
    probe = {"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10, "timeoutSeconds": 1}
    container = {
        "name": "main",
        "image": "registry.example/team/service:1.0",
        "env": [{"name": f"SETTING_{i}", "value": f"value-of-setting-{i}"} for i in range(8)],
        "resources": {"requests": requests, "limits": {"cpu": "1", "memory": "1Gi"}},
        "livenessProbe": probe,
        "readinessProbe": probe,
        "volumeMounts": [{"name": "token", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}],
    }
    kinds = ("Initialized", "Ready", "ContainersReady", "PodScheduled")
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{app}-7d4b9c", "uid": "0", "controller": True}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": _meta(
            name,
            n,
            namespace="default",
            labels={"app.kubernetes.io/name": app, "pod-template-hash": "7d4b9c"},
            ownerReferences=[owner],
            managedFields=_fields("kube-controller-manager", 30) + _fields("kubelet", 20),
        ),
        "spec": {
            "nodeName": f"node-{node:05d}",
            "containers": [container],
            "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}],
            "volumes": [{"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}],
        },
        "status": {
            "phase": "Running",
            "conditions": [condition(kind, True, "", "", _THEN) for kind in kinds],
            "containerStatuses": [{"name": "main", "ready": True, "restartCount": 0, "state": {"running": {}}}],
            "podIP": f"10.{node // 256}.{node % 256}.{n % 250}",
        },
    }


def _fields(manager: str, count: int) -> list[Obj]:
    """An entry of managedFields with so many fields: a quarter of a real object."""
    fields: Obj = {f"f:field{i}": {} for i in range(count)}
    entry = {"manager": manager, "operation": "Update", "apiVersion": "v1", "time": _THEN, "fieldsType": "FieldsV1"}
    return [{**entry, "fieldsV1": {"f:status": fields}}]
