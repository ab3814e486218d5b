"""Nodes, pods and books of them, with what a test is about set on top."""

from collections.abc import Iterable
from typing import Any

from flotilla_agent.estimate.nodes import NodeBook
from flotilla_common.objects import Obj


def node(name: str = "n1", *, cpu: str = "4", memory: str = "8Gi", pods: str = "10", **more: Any) -> Obj:
    """`taints` and `labels` may be given, and further resources as `allocatable`."""
    allocatable = {"cpu": cpu, "memory": memory, "pods": pods, **more.get("allocatable", {})}
    spec = {"taints": more["taints"]} if "taints" in more else {}
    metadata = {"name": name, "labels": more.get("labels", {})}
    return {"metadata": metadata, "spec": spec, "status": {"allocatable": allocatable}}


def pod(name: str = "p1", on: str = "", *, cpu: str = "1", namespace: str = "default", **metadata: Any) -> Obj:
    """On a node, or waiting for one."""
    container = {"name": "main", "resources": {"requests": {"cpu": cpu}}}
    spec = {"containers": [container], **({"nodeName": on} if on else {})}
    return {"metadata": {"name": name, "namespace": namespace, **metadata}, "spec": spec}


def book(nodes: Iterable[Obj], pods: Iterable[Obj] = ()) -> NodeBook:
    book = NodeBook()
    for obj in nodes:
        book.put_node(("", obj["metadata"]["name"]), obj)
    for obj in pods:
        book.put_pod((obj["metadata"]["namespace"], obj["metadata"]["name"]), obj)
    return book


def wanted(claim: Obj | None = None, **request: str) -> Obj:
    """`replicaRequirements` of a binding."""
    return {"resourceRequest": request, **({"nodeClaim": claim} if claim else {})}
