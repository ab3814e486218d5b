"""Admission of ResourceInterpreterCustomization: Lua scripts that say how a kind is to be understood."""

from collections.abc import Iterator

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from ..model.base import Model
from .draft import draft_of
from .fields import read, required, unknown_sections

__all__ = ["InterpreterSpec", "default", "validate"]


class CustomizationTarget(Model):
    api_version: str
    kind: str


class Script(Model):
    lua_script: str = ""


class Customizations(Model):
    retention: Script | None = None
    replica_resource: Script | None = None
    component_resource: Script | None = None
    replica_revision: Script | None = None
    status_reflection: Script | None = None
    status_aggregation: Script | None = None
    health_interpretation: Script | None = None
    dependency_interpretation: Script | None = None


class InterpreterSpec(Model):
    target: CustomizationTarget
    customizations: Customizations


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """What is stored instead of `obj`: nothing has a default."""
    return draft_of(obj)


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    spec, errors = read(InterpreterSpec, obj)
    found = (*unknown_sections(obj), *errors)
    return found if spec is None else (*found, *_spec_errors(spec))


def _spec_errors(spec: InterpreterSpec) -> Iterator[FieldError]:
    for word, value in (("apiVersion", spec.target.api_version), ("kind", spec.target.kind)):
        if not value:
            yield required(f"spec.target.{word}")
    for name, field in Customizations.model_fields.items():
        script: Script | None = getattr(spec.customizations, name)
        if script is not None and not script.lua_script.strip():
            yield required(f"spec.customizations.{field.alias}.luaScript", "an operation without a script is nothing")
