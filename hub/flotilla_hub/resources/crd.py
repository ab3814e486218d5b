"""A CustomResourceDefinition read into a Resource. Validating the definition itself is admission/crd.py's."""

from collections.abc import Iterable, Mapping
from typing import Any

from flotilla_common.objects import Obj

from .columns import AGE, NAME, dig
from .durations import age
from .jsonpath import JSONPath, compile_path
from .resource import Column, Resource, Scale, View

__all__ = ["resource_of", "version_order"]


def resource_of(crd: Obj) -> Resource:
    """Raises Invalid when a printer column's path cannot be read. The definition must have a served version."""
    spec = crd["spec"]
    names = spec["names"]
    served = sorted((v for v in spec["versions"] if v.get("served")), key=lambda v: version_order(v["name"]))
    views = {v["name"]: View(_columns(v), dig(v, "schema.openAPIV3Schema")) for v in served}
    preferred = served[0]
    return Resource(
        spec["group"],
        tuple(views),
        names["kind"],
        names["plural"],
        names.get("singular") or names["kind"].lower(),
        tuple(names.get("shortNames") or ()),
        tuple(names.get("categories") or ()),
        namespaced=spec.get("scope") == "Namespaced",
        status=dig(preferred, "subresources.status") is not None,
        columns=views[preferred["name"]].columns,
        schema=views[preferred["name"]].schema,
        scale=_scale(preferred),
        custom=True,
        views=views,
    )


def version_order(version: str) -> tuple[int, int, int, str]:
    """Sorts as Kubernetes prefers: v2, v1, v1beta2, v1beta1, v1alpha1, then all other names."""
    digits, _, rest = version.removeprefix("v").partition("beta")
    stage = 1
    if not _:
        digits, alpha, rest = version.removeprefix("v").partition("alpha")
        stage = 2 if alpha else 0
    numbered = version.startswith("v") and digits.isdigit() and (rest.isdigit() or stage == 0)
    if not numbered:
        return (3, 0, 0, version)
    return (stage, -int(digits), -int(rest or 0), version)


def _scale(version: Mapping[str, Any]) -> Scale | None:
    found = dig(version, "subresources.scale")
    if found is None:
        return None
    paths = (found.get(key) or "" for key in ("specReplicasPath", "statusReplicasPath", "labelSelectorPath"))
    return Scale(*(tuple(key for key in path.split(".") if key) for path in paths))


def _columns(version: Mapping[str, Any]) -> tuple[Column, ...]:
    given = version.get("additionalPrinterColumns")
    return (NAME, *map(_column, given)) if given else (NAME, AGE)


def _column(given: Mapping[str, Any]) -> Column:
    select = compile_path(given["jsonPath"])
    return Column(
        given["name"],
        _AgeCell(select) if given["type"] == "date" else _Cell(select),
        # Dates go out as ages, so the client must not format them again.
        "string" if given["type"] == "date" else given["type"],
        given.get("format") or "",
        int(given.get("priority") or 0),
        given.get("description") or "",
    )


class _Cell:
    def __init__(self, select: JSONPath) -> None:
        self.select = select

    def __call__(self, obj: Obj, now: str) -> Any:
        return _shown(self.select(obj))


class _AgeCell(_Cell):
    def __call__(self, obj: Obj, now: str) -> Any:
        found = self.select(obj)
        return age(found[0], now) if found else None


def _shown(found: Iterable[Any]) -> Any:
    """A single value as it is; several, or a structure, in words."""
    values = list(found)
    if not values:
        return None
    if len(values) == 1 and not isinstance(values[0], dict | list):
        return values[0]
    return ",".join(map(str, values[0] if isinstance(values[0], list) else values))
