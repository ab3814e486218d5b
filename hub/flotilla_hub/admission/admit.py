"""One object through everything that may change or refuse it before it is stored: schema, defaults, rules. Pure.

The order is Kubernetes': shape first, then defaults, then the rules of the kind. Rows for our own kinds are in
admission/__init__.py, rows for Kubernetes' kinds that need more than their schema are here.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import NamedTuple

from flotilla_common.errors import FieldError, Invalid
from flotilla_common.objects import Obj, name_of
from flotilla_hub.resources.resource import Resource, Schema

from . import ADMIT, Admission, crd, namespace, stored_data
from .generic import unknown_metadata, validate_metadata, validate_update
from .schema import ENVELOPE, defaulted, pruned, unknown_fields, violations, without_envelope
from .workloads import WORKLOADS, validate_workload

__all__ = ["Admitted", "Rejected", "admit"]


class Admitted(NamedTuple):
    obj: Obj
    warnings: tuple[str, ...]


class Rejected(Invalid):
    """An object that breaks rules, and its name, which on a create is in no URL."""

    def __init__(self, resource: Resource, name: str, errors: tuple[FieldError, ...]) -> None:
        self.name = name
        kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
        super().__init__(f'{kind} "{name}"', errors)


def _as_it_is(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    return obj


_RULES: Mapping[str, Admission] = {
    "configmaps": Admission(stored_data.default, stored_data.validate),
    "secrets": Admission(stored_data.default, stored_data.validate),
    "namespaces": Admission(namespace.default, namespace.validate),
    "customresourcedefinitions.apiextensions.k8s.io": Admission(crd.default, crd.validate),
    **{key: Admission(_as_it_is, partial(validate_workload, key)) for key in WORKLOADS},
    **ADMIT,
}


def admit(
    resource: Resource, version: str, obj: Obj, old: Obj | None, now: str, new_id: str, *, strict: bool = False
) -> Admitted:
    """The object as it may be stored, and what to warn its author of. Raises Invalid with every broken rule.

    Unknown fields of custom resources are dropped, as Kubernetes does; those of built-in kinds are kept, because a
    member may be newer than our table. Either way the author is warned, and `strict` makes it an error.
    """
    schema = resource.view(version).schema
    unknown = (*unknown_metadata(obj), *(unknown_fields(without_envelope(obj), schema) if schema else ()))
    if unknown and strict:
        _refuse(resource, obj, unknown)
    if schema and resource.custom:
        envelope = {k: obj[k] for k in ENVELOPE if k in obj}
        obj = {**envelope, **defaulted(pruned(without_envelope(obj), schema), schema)}
    _refuse(resource, obj, _shape(resource, schema, obj, old))
    rules = _RULES.get(resource.key)
    if rules:
        obj = rules.default(obj, now, new_id, old)
        _refuse(resource, obj, rules.validate(obj, old))
    warnings = [f'unknown field "{e.path}"' for e in unknown]
    if rules and rules.notice:
        warnings.append(f"{resource.kind}: {rules.notice}")
    return Admitted(obj, tuple(warnings))


def _shape(resource: Resource, schema: Schema | None, obj: Obj, old: Obj | None) -> Iterable[FieldError]:
    yield from validate_metadata(obj, resource.group)
    if old is not None:
        yield from validate_update(old, obj)
    if schema:
        yield from violations(without_envelope(obj), schema, null_is_absent=not resource.custom)


def _refuse(resource: Resource, obj: Obj, errors: Iterable[FieldError]) -> None:
    found = tuple(errors)
    if found:
        raise Rejected(resource, name_of(obj), found)
