"""The grades of nodes a Cluster has when its user names none: upstream's nine, by what is free of cpu and memory.

The hub writes them into `Cluster.spec.resourceModels`; an agent counts by them until the hub sends it others.
"""

from dataclasses import dataclass
from typing import ClassVar

from .messages import Message, digest_of
from .objects import Obj, encode

__all__ = ["UNBOUNDED", "GradesMessage", "default_grades", "digest_of_grades"]

UNBOUNDED = "9223372036854775807"
"""The largest 64-bit number, which is how upstream writes "no upper bound"."""

_BOUNDS = {
    "cpu": ("0", "1", "2", "4", "8", "16", "32", "64", "128", UNBOUNDED),
    "memory": ("0", "4Gi", "16Gi", "32Gi", "64Gi", "128Gi", "256Gi", "512Gi", "1Ti", UNBOUNDED),
}


def default_grades() -> list[Obj]:
    """As they stand in `resourceModels`."""
    return [
        {"grade": grade, "ranges": [{"name": n, "min": b[grade], "max": b[grade + 1]} for n, b in _BOUNDS.items()]}
        for grade in range(len(_BOUNDS["cpu"]) - 1)
    ]


def digest_of_grades(grades: list[Obj]) -> str:
    """By which hub and agent see whether they speak of the same; empty for none."""
    return digest_of(encode(grades)) if grades else ""


@dataclass(frozen=True, slots=True)
class GradesMessage(Message):
    """The hub to one agent: count nodes by these from now on. `grades` is `Cluster.spec.resourceModels` as JSON."""

    KIND: ClassVar[str] = "grades"

    cluster: str
    grades: bytes = b"[]"
