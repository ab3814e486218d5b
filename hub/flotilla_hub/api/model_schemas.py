"""Our own kinds' pydantic models as the schemas OpenAPI clients read, so that `kubectl explain pp` explains."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

__all__ = ["schema_of_model"]

# Not `required`: admission fills in some of that, and an old kubectl would refuse to send what lacks it.
_KEPT = ("type", "description", "enum", "format", "minimum", "maximum", "pattern")


@cache
def schema_of_model(model: type[BaseModel]) -> dict[str, Any]:
    """References are written out, and "or null" is left unsaid: a field that is not required may be missing anyway."""
    document = model.model_json_schema(by_alias=True)
    return _structural(document, document.get("$defs", {}))


def _structural(schema: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return _structural(named[schema["$ref"].rsplit("/", 1)[1]], named)
    choices = [s for s in schema.get("anyOf", ()) if s.get("type") != "null"]
    if len(choices) == 1:
        return _structural(choices[0], named)
    result = {k: schema[k] for k in _KEPT if k in schema}
    if "properties" in schema:
        result["properties"] = {k: _structural(v, named) for k, v in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            result[key] = _structural(schema[key], named)
    return result if "type" in result else {"x-kubernetes-preserve-unknown-fields": True}
