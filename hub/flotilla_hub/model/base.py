"""The base of all models: camelCase as users write it, frozen, and strict about names it does not know."""

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

__all__ = ["Model", "why_unreadable"]


class Model(BaseModel):
    """An unknown field is an error, not a silent loss: `spec.placment` would otherwise place nothing."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid", defer_build=True
    )


def why_unreadable(err: ValidationError) -> str:
    """The first of its complaints, in one line."""
    first = err.errors()[0]
    return f"spec.{'.'.join(map(str, first['loc']))}: {first['msg']}"
