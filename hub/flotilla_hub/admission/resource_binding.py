"""Admission of ResourceBinding and ClusterResourceBinding, when a user or a queue writes one through the API."""

import re
from collections.abc import Iterator, Sequence

import orjson

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from ..labels import BINDING_MARKS, CLUSTER_BINDING_MARKS, DEPENDENCIES
from ..model.binding import BindingSpec, Component, EvictionTask
from .draft import annotation_in, draft_of, fill, give_label, label_in, namespace_in, section
from .fields import duplicate, forbidden, immutable, invalid, read, required, unknown_sections

__all__ = ["default", "validate"]

COMPONENT_NAME_LENGTH = 32
_REASON = re.compile(r"[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?")


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """What is stored instead of `obj`."""
    draft = draft_of(obj)
    give_label(draft, _label(obj), new_id, old)
    fill(section(draft, "spec"), {"conflictResolution": "Abort"})
    return draft


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    spec, errors = read(BindingSpec, obj)
    found = (*unknown_sections(obj), *errors, *_metadata_errors(obj, old))
    return found if spec is None else (*found, *_spec_errors(spec))


def _metadata_errors(obj: Obj, old: Obj | None) -> Iterator[FieldError]:
    label = _label(obj)
    before, value = label_in(old, label), label_in(obj, label)
    if before and value != before:
        yield immutable(f"metadata.labels[{label}]", value)
    dependencies = annotation_in(obj, DEPENDENCIES)
    try:
        orjson.loads(dependencies or "[]")
    except (orjson.JSONDecodeError, TypeError) as err:
        yield invalid(f"metadata.annotations[{DEPENDENCIES}]", dependencies, f"must be JSON: {err}")


def _spec_errors(spec: BindingSpec) -> Iterator[FieldError]:
    for word in (w for w in ("api_version", "kind", "name") if not getattr(spec.resource, w)):
        yield required(f"spec.resource.{'apiVersion' if word == 'api_version' else word}")
    yield from _component_errors(spec.components or (), "spec.components")
    for i, cluster in enumerate(spec.clusters or ()):
        if cluster.name in [c.name for c in (spec.clusters or ())[:i]]:
            yield duplicate(f"spec.clusters[{i}].name", cluster.name)
        if (cluster.replicas or 0) < 0:
            yield invalid(f"spec.clusters[{i}].replicas", cluster.replicas, "must not be negative")
    for i, task in enumerate(spec.graceful_eviction_tasks or ()):
        yield from _task_errors(task, f"spec.gracefulEvictionTasks[{i}]")


def _component_errors(components: Sequence[Component], path: str) -> Iterator[FieldError]:
    for i, component in enumerate(components):
        at = f"{path}[{i}].name"
        if not component.name:
            yield required(at)
        elif len(component.name) > COMPONENT_NAME_LENGTH:
            yield invalid(at, component.name, f"must be no more than {COMPONENT_NAME_LENGTH} characters")
        elif component.name in [c.name for c in components[:i]]:
            yield duplicate(at, component.name)


def _task_errors(task: EvictionTask, at: str) -> Iterator[FieldError]:
    if len(task.reason) > 32 or not _REASON.fullmatch(task.reason):
        yield invalid(f"{at}.reason", task.reason, f"must be at most 32 characters and match {_REASON.pattern}")
    if len(task.message) > 1024:
        yield invalid(f"{at}.message", task.message[:40] + "…", "must be no more than 1024 characters")
    if task.grace_period_seconds is not None and task.suppress_deletion is not None:
        yield forbidden(f"{at}.suppressDeletion", "gracePeriodSeconds and suppressDeletion exclude each other")


def _label(obj: Obj) -> str:
    wide = obj.get("kind") == "ClusterResourceBinding" if obj.get("kind") else not namespace_in(obj)
    return (CLUSTER_BINDING_MARKS if wide else BINDING_MARKS).permanent_id
