"""The built-in kinds that hold a pod template: the rules a member's API server would refuse them for. Pure.

A template that no member can accept is better refused here, where the user sees it. Types and unknown fields are the
schema's; these are the rules between fields.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from .fields import duplicate, immutable, invalid, required

__all__ = ["WORKLOADS", "validate_workload"]

WORKLOADS: Mapping[str, str] = {
    "deployments.apps": "spec.template",
    "statefulsets.apps": "spec.template",
    "daemonsets.apps": "spec.template",
    "replicasets.apps": "spec.template",
    "replicationcontrollers": "spec.template",
    "jobs.batch": "spec.template",
    "cronjobs.batch": "spec.jobTemplate.spec.template",
    "pods": "",
}
"""Where each kind keeps its pod template; a Pod is its own."""

_SELECTED = frozenset({"deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps"})


def validate_workload(key: str, obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    """`key` is one of WORKLOADS; the object's types have been checked against its schema."""
    if not isinstance(obj.get("spec"), dict):
        return (required("spec"),)
    return tuple(_rules(key, obj["spec"], old))


def _rules(key: str, spec: Mapping[str, Any], old: Obj | None) -> Iterator[FieldError]:
    replicas = spec.get("replicas")
    if replicas is not None and replicas < 0:
        yield invalid("spec.replicas", replicas, "must be greater than or equal to 0")
    if key in _SELECTED:
        yield from _selector(spec, old)
    if key == "cronjobs.batch" and not spec.get("schedule"):
        yield required("spec.schedule")
    path = WORKLOADS[key]
    template = _at({"spec": spec}, path)
    if template is None:
        yield required(path)
    else:
        yield from _pod(template.get("spec"), f"{path}.spec".lstrip("."), key)


def _at(obj: Any, path: str) -> Any:
    for part in filter(None, path.split(".")):
        obj = (obj or {}).get(part)
    return obj


def _selector(spec: Mapping[str, Any], old: Obj | None) -> Iterator[FieldError]:
    selector = spec.get("selector")
    if not selector:
        yield required("spec.selector")
        return
    if old is not None and selector != (old.get("spec") or {}).get("selector"):
        yield immutable("spec.selector", selector)
    labels = _at(spec, "template.metadata.labels") or {}
    if not _is_selected(selector, labels):
        yield invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")


def _is_selected(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    if any(labels.get(k) != v for k, v in (selector.get("matchLabels") or {}).items()):
        return False
    checks = {
        "In": lambda key, values: labels.get(key) in values,
        "NotIn": lambda key, values: labels.get(key) not in values,
        "Exists": lambda key, values: key in labels,
        "DoesNotExist": lambda key, values: key not in labels,
    }
    rules = selector.get("matchExpressions") or ()
    return all(checks.get(r.get("operator"), lambda *_: True)(r.get("key"), r.get("values") or ()) for r in rules)


def _pod(spec: Mapping[str, Any] | None, path: str, key: str) -> Iterator[FieldError]:
    if not spec or not spec.get("containers"):
        yield required(f"{path}.containers")
        return
    volumes = {v.get("name") for v in spec.get("volumes") or ()}
    claims = key == "statefulsets.apps"
    names: set[str] = set()
    for field in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(field) or ()):
            yield from _container(container, f"{path}.{field}[{index}]", names, None if claims else volumes)
    yield from _named_once(spec.get("volumes") or (), f"{path}.volumes", set())
    restart = spec.get("restartPolicy")
    if key in ("jobs.batch", "cronjobs.batch") and restart not in ("Never", "OnFailure"):
        yield FieldError(
            f"{path}.restartPolicy",
            'Required value: valid values: "OnFailure", "Never"',
            "FieldValueRequired",
        )


def _container(
    container: Mapping[str, Any], path: str, names: set[str], volumes: set[Any] | None
) -> Iterator[FieldError]:
    """`volumes` is None where names may also come from claim templates."""
    yield from _named_once([container], path, names, indexed=False)
    if not container.get("image"):
        yield required(f"{path}.image")
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        if volumes is not None and mount.get("name") not in volumes:
            why = f'Not found: "{mount.get("name")}"'
            yield FieldError(f"{path}.volumeMounts[{index}].name", why, "FieldValueNotFound")


def _named_once(
    items: Iterable[Mapping[str, Any]], path: str, names: set[str], indexed: bool = True
) -> Iterator[FieldError]:
    for index, item in enumerate(items):
        where = f"{path}[{index}].name" if indexed else f"{path}.name"
        name = item.get("name")
        if not name:
            yield required(where)
        elif name in names:
            yield duplicate(where, name)
        else:
            names.add(name)
