"""What kinds of several pod templates have in common: their components, and the quantities some of them write."""

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import Any

from ..errors import Invalid
from ..objects import Obj
from ..quantity import amount_of
from .base import at
from .pod_template import requirements_of

__all__ = ["bytes_of", "component", "number_at", "replica_specs", "sized"]

_JVM = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt])?i?b?(?:ytes)?", re.IGNORECASE)
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


def component(name: str, replicas: int, requirements: Obj | None) -> Obj:
    """As a binding carries it."""
    return {"name": name, "replicas": replicas, **({"replicaRequirements": requirements} if requirements else {})}


def replica_specs(specs: Mapping[str, Any], order: Sequence[str], default: Mapping[str, int]) -> Iterator[Obj]:
    """A component per replica type, as the training operators write them: `{type: {replicas, template}}`.

    `default`: replicas of types that say none, else 1.
    """
    for type_ in sorted(specs, key=lambda t: (order.index(t) if t in order else len(order), t)):
        given = specs[type_].get("replicas")
        replicas = default.get(type_, 1) if given is None else int(given)
        yield component(type_.lower(), replicas, requirements_of(specs[type_].get("template") or {}))


def sized(cpu: Any, memory: int | None) -> Obj | None:
    """Requirements of a pod that is not described by a template; `memory` in bytes, None for not said."""
    request = {**({} if cpu is None else {"cpu": str(cpu)}), **({} if memory is None else {"memory": str(memory)})}
    for quantity in request.values():
        amount_of(quantity)  # raises Invalid
    return {"resourceRequest": request} if request else None


def bytes_of(memory: str | int | float) -> int:
    """As Java programs write it, where `m` and `M` are mebibytes. Raises Invalid."""
    found = _JVM.fullmatch(str(memory).strip())
    if found is None:
        raise Invalid(f"{memory!r} is no amount of memory; write it as in 512m or 2g")
    return ceil(Fraction(found[1]) * _UNITS[(found[2] or "").lower()])


def number_at(obj: Mapping[str, Any], *path: str) -> int | None:
    """A whole number, also where it is written as text; None where there is none."""
    value = at(obj, *path)
    return None if value in (None, "") else int(value)
