"""Objects as the rows `kubectl get` prints: a meta.k8s.io Table. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flotilla_common.objects import Obj
from flotilla_hub.resources.resource import Column

__all__ = ["metadata_only", "table"]


def table(
    columns: Sequence[Column],
    objects: Iterable[Obj],
    now: str,
    version: str = "v1",
    *,
    include: str = "Metadata",
    metadata: Mapping[str, Any] | None = None,
    headers: bool = True,
) -> Obj:
    """`include` (Metadata, Object, None) is carried beside the cells; `headers` are off after a watch's first event."""
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": metadata or {},
        "columnDefinitions": [_definition(c) for c in columns] if headers else None,
        "rows": [_row(columns, obj, now, version, include) for obj in objects],
    }


def _definition(column: Column) -> Obj:
    return {
        "name": column.name,
        "type": column.type,
        "format": column.format,
        "description": column.description,
        "priority": column.priority,
    }


def _row(columns: Sequence[Column], obj: Obj, now: str, version: str, include: str) -> Obj:
    row: Obj = {"cells": [column.cell(obj, now) for column in columns]}
    if include == "Object":
        row["object"] = obj
    elif include != "None":
        row["object"] = metadata_only(obj, version)
    return row


def metadata_only(obj: Obj, version: str = "v1") -> Obj:
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": obj.get("metadata") or {},
    }
