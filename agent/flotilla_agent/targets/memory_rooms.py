"""The nodes and pods a simulated cluster would have: alike nodes, and a pod for each replica of each workload. Pure.

Nodes that others put into the cluster stand beside the simulated ones. Pods go to the emptiest node that takes them, in
the order of their workloads' names; those that find none wait.
"""

from collections.abc import Iterable, Iterator

from flotilla_common.conditions import condition
from flotilla_common.kinds import replicas_of
from flotilla_common.kinds.pod_template import request_of
from flotilla_common.objects import Obj, gvk_of, meta_of, name_of, namespace_of

from ..estimate.claims import Claim
from ..estimate.nodes import PODS, NodeBook, units_in

__all__ = ["NODE", "book_of"]

NODE = {"cpu": "8", "memory": "32Gi", "pods": "110"}
"""What one of its nodes has."""


def book_of(objects: Iterable[Obj], nodes: int) -> NodeBook:
    """`nodes`: how many are simulated."""
    book, held = NodeBook(), sorted(objects, key=_order)
    for node in (*(_node(i) for i in range(nodes)), *(o for o in held if _is(o, "Node"))):
        book.put_node(("", name_of(node)), node)
    for quota in (o for o in held if _is(o, "ResourceQuota")):
        book.put_quota((namespace_of(quota), name_of(quota)), quota)
    for pod in (pod for obj in held for pod in _pods(obj)):
        book.put_pod((namespace_of(pod), name_of(pod)), _placed(pod, book))
    return book


def _order(obj: Obj) -> tuple[str, str, str]:
    return namespace_of(obj), obj["kind"], name_of(obj)


def _is(obj: Obj, kind: str) -> bool:
    gvk = gvk_of(obj)
    return (gvk.group, gvk.kind) == ("", kind)


def _node(number: int) -> Obj:
    name = f"node-{number}"
    return {"metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}}, "status": {"allocatable": NODE}}


def _pods(obj: Obj) -> Iterator[Obj]:
    if _is(obj, "Pod"):
        yield obj
        return
    count, _ = replicas_of(obj)
    template = (obj.get("spec") or {}).get("template") or {}
    owner = {"kind": "ReplicaSet" if obj["kind"] == "Deployment" else obj["kind"], "controller": True}
    for number in range(count):
        named = {"name": f"{name_of(obj)}-{number}", "namespace": namespace_of(obj), "ownerReferences": [owner]}
        when = meta_of(obj).get("creationTimestamp")
        metadata = {**(template.get("metadata") or {}), **named, "creationTimestamp": when}
        yield {"metadata": metadata, "spec": template.get("spec") or {}}


def _placed(pod: Obj, book: NodeBook) -> Obj:
    spec = pod["spec"]
    if spec.get("nodeName"):
        return pod
    required = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    )
    claim = Claim.of({**spec, "hardNodeAffinity": required})
    wanted = {**dict(units_in(request_of(spec))), PODS: 1}
    fitting = [node for node in book.nodes() if claim.takes(node) and node.fitting(wanted.items())]
    if fitting:
        return {**pod, "spec": {**spec, "nodeName": min(fitting, key=lambda node: (node.pods, node.name)).name}}
    since = str(meta_of(pod).get("creationTimestamp") or "")
    said = condition("PodScheduled", False, "Unschedulable", "no node has room for it", since)
    return {**pod, "status": {"conditions": [said]}}
