"""Namespaces the hub makes itself, admitted as if a user had sent them. Pure."""

from collections.abc import Mapping

from flotilla_common.objects import Obj

from . import namespace
from .lifecycle import created

__all__ = ["fresh_namespace"]


def fresh_namespace(name: str, now: str, uid: str, labels: Mapping[str, str] | None = None) -> Obj:
    """Ready to be stored, with the finalizer that keeps it until what is in it has gone."""
    metadata = {"name": name, **({"labels": dict(labels)} if labels else {})}
    drafted = namespace.default({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}, now, uid)
    return created(drafted, now, uid)
