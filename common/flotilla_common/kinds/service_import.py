"""ServiceImport (multicluster.x-k8s.io): the Service it is reached by, and the endpoints collected for that."""

from ..objects import Obj, name_of, namespace_of
from .base import Kind
from .references import reference

__all__ = ["KIND"]


def _dependencies(obj: Obj) -> list[Obj]:
    namespace, service = namespace_of(obj), f"derived-{name_of(obj)}"
    endpoints = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "namespace": namespace,
        "labelSelector": {"matchLabels": {"kubernetes.io/service-name": service}},
    }
    return [reference("Service", namespace, service), endpoints]


KIND = Kind(dependencies=_dependencies)
