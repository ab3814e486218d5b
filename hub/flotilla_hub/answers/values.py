"""The base of what is answered, and the small values every answer is made of: JSON in camelCase, tolerant when read.

Unlike the models of what users write, a field a reader does not know is ignored: hub and command may differ in release.
"""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer
from pydantic.alias_generators import to_camel

from flotilla_common.objects import Obj, gvk_of, name_of, namespace_of

__all__ = ["Answer", "Change", "Named"]


class Answer(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore")

    def as_json(self) -> Obj:
        return self.model_dump(by_alias=True)


class Change(Answer):
    """One field that differs. `before` or `after` is not set where the field is absent; `path` is for people."""

    path: str
    before: Any = None
    after: Any = None

    @model_serializer(mode="wrap")
    def _what_is_there(self, handler: SerializerFunctionWrapHandler) -> Obj:
        """An absent field is not one that is null."""
        return {name: value for name, value in handler(self).items() if name in self.model_fields_set}

    @property
    def is_addition(self) -> bool:
        return "before" not in self.model_fields_set

    @property
    def is_removal(self) -> bool:
        return "after" not in self.model_fields_set


class Named(Answer):
    """One object by its name; `namespace` is empty for a cluster-scoped one."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, obj: Mapping[str, Any]) -> Self:
        api_version = gvk_of(obj).api_version
        return cls(api_version=api_version, kind=str(obj["kind"]), namespace=namespace_of(obj), name=name_of(obj))

    def __str__(self) -> str:
        """`deployment/web`, as people write it."""
        return f"{self.kind.lower()}/{self.name}"
