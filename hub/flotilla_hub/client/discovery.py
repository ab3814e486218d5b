"""Which kinds a server serves and at which paths, and what a user may call them. Fetching is api.py's. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from flotilla_common.errors import Terminal
from flotilla_common.objects import GVK

__all__ = ["Served", "by_kind", "by_word", "served_by"]


class Served(NamedTuple):
    """One kind in one version, as discovery tells it."""

    gvk: GVK
    plural: str
    namespaced: bool
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def resource(self) -> str:
        """`deployments.apps`; only the plural in the core group."""
        return f"{self.plural}.{self.gvk.group}" if self.gvk.group else self.plural

    def label(self, name: str) -> str:
        """How kubectl names one object: `deployment.apps/nginx`."""
        group = f".{self.gvk.group}" if self.gvk.group else ""
        return f"{self.singular or self.gvk.kind.lower()}{group}/{name}"

    def path(self, namespace: str = "", name: str = "") -> str:
        """Of one object, or of the list when `name` is empty; an empty namespace means all of them.

        Raises Terminal for a name that would lead elsewhere: servers undo the quoting of a slash.
        """
        if wrong := next((word for word in (namespace, name) if word in (".", "..") or "/" in word), None):
            raise Terminal(f"{wrong!r} is no name of an object: it may hold no '/', and be neither '.' nor '..'")
        root = f"/apis/{self.gvk.api_version}" if self.gvk.group else f"/api/{self.gvk.version}"
        inside = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced and namespace else ""
        return f"{root}{inside}/{self.plural}" + (f"/{quote(name, safe='')}" if name else "")


def served_by(api_version: str, resources: Iterable[Mapping[str, Any]]) -> list[Served]:
    """From the `resources` of an APIResourceList; subresources are left out."""
    return [
        Served(
            gvk=GVK.parse(api_version, r["kind"]),
            plural=r["name"],
            namespaced=bool(r.get("namespaced")),
            singular=r.get("singularName") or "",
            short_names=tuple(r.get("shortNames") or ()),
            categories=tuple(r.get("categories") or ()),
        )
        for r in resources
        if "/" not in r["name"]
    ]


def by_kind(all_served: Sequence[Served], api_version: str, kind: str) -> Served | None:
    wanted = GVK.parse(api_version, kind)
    return next((s for s in all_served if s.gvk == wanted), None)


def by_word(all_served: Sequence[Served], word: str) -> list[Served]:
    """What a user means by `deploy`, `Deployment`, `deployments.apps`, `deployments.v1.apps` or a category.

    More than one only for a category; the first listed wins otherwise, which is the group's preferred version.
    """
    lowered = word.lower()
    for served in all_served:
        if lowered in _names(served):
            return [served]
    in_category = [s for s in all_served if lowered in s.categories]
    preferred = {s.resource: s for s in reversed(in_category)}
    return [s for s in in_category if preferred[s.resource] is s]


def _names(served: Served) -> set[str]:
    plain = {served.plural, served.singular or served.gvk.kind.lower(), served.gvk.kind.lower()}
    group, version = served.gvk.group, served.gvk.version
    qualified = {f"{name}.{group}" for name in plain if group} | {f"{name}.{version}.{group}" for name in plain}
    return plain | qualified | set(served.short_names)
