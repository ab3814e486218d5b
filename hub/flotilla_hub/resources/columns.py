"""The ways a cell of `kubectl get` is filled, and the columns that many kinds share. Kind by kind: cells.py."""

from collections.abc import Callable, Iterable
from typing import Any

from flotilla_common.objects import Obj, meta_of

from .durations import age
from .resource import Column

__all__ = ["AGE", "CREATED_AT", "IMAGES", "NAME", "NONE", "at", "column", "dig", "pairs", "selector_words", "yes_no"]

NONE = "<none>"
Cell = Callable[[Obj, str], Any]


def dig(obj: Any, path: str, default: Any = None) -> Any:
    """`dig(o, "spec.template.spec")`; None along the way gives the default."""
    for key in path.split("."):
        obj = obj.get(key) if isinstance(obj, dict) else None
    return default if obj is None else obj


def at(path: str, default: Any = NONE) -> Cell:
    """The value at a dotted path; what is empty prints as `default`."""
    return lambda obj, now: dig(obj, path, default) or default


def column(name: str, cell: Cell | str, type_: str = "string", wide: bool = False, default: Any = NONE) -> Column:
    """`cell` is a function or a dotted path; integers default to 0."""
    if isinstance(cell, str):
        cell = at(cell, 0 if type_ == "integer" and default == NONE else default)
    return Column(name, cell, type_, priority=1 if wide else 0)


def pairs(labels: Any) -> str:
    """`app=web,tier=front` in key order, as selectors and labels are printed."""
    return ",".join(f"{k}={v}" for k, v in sorted((labels or {}).items())) or NONE


def selector_words(selector: Any) -> str:
    """A LabelSelector in the form of the command line."""
    words = [f"{k}={v}" for k, v in sorted(((selector or {}).get("matchLabels") or {}).items())]
    return ",".join([*words, *map(_expression, (selector or {}).get("matchExpressions") or ())]) or NONE


def _expression(rule: dict[str, Any]) -> str:
    key, operator = rule.get("key", ""), rule.get("operator", "")
    values = ",".join(sorted(rule.get("values") or ()))
    words = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "DoesNotExist": f"!{key}"}
    return words.get(operator, str(key))


def yes_no(path: str) -> Cell:
    return lambda obj, now: bool(dig(obj, path))


def _of_containers(field: str) -> Cell:
    def cell(obj: Obj, now: str) -> str:
        spec = dig(obj, "spec.jobTemplate.spec.template.spec") or dig(obj, "spec.template.spec") or {}
        return ",".join(str(c.get(field, "")) for c in spec.get("containers") or ())

    return cell


def _name(obj: Obj, now: str) -> Any:
    return meta_of(obj).get("name", "")


NAME = Column("Name", _name, format="name", description="Name must be unique within a namespace.")
AGE = Column(
    "Age", lambda obj, now: age(meta_of(obj).get("creationTimestamp"), now), description="Time since creation."
)
CREATED_AT = Column("Created At", lambda obj, now: meta_of(obj).get("creationTimestamp") or NONE, "date")
IMAGES: Iterable[Column] = (
    column("Containers", _of_containers("name"), wide=True),
    column("Images", _of_containers("image"), wide=True),
)
