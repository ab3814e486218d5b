"""Which objects of the hub are never templates: its own kinds, its own namespaces, and what lives only on the hub."""

import re
from dataclasses import dataclass
from typing import Self

from flotilla_common.objects import GVK, Obj, gvk_of, labels_of, name_of, namespace_of

from ..labels import CLAIMED_BY
from ..names import is_reserved

__all__ = ["Skips", "why_not_kind", "why_not_template"]

OWN_GROUPS = frozenset(
    f"{family}.karmada.io"
    for family in ("apps", "autoscaling", "cluster", "config", "networking", "policy", "remedy", "search", "work")
)

RECORDS = frozenset((("events.k8s.io", ""), ("coordination.k8s.io", ""), ("", "Event"), ("apps", "ControllerRevision")))
"""Groups, or one kind of a group, that record what happened in one cluster and mean nothing in another."""

_AUTHENTICATION = ("ConfigMap", "kube-system", "extension-apiserver-authentication")


@dataclass(frozen=True)
class Skips:
    """What an operator excludes on top: `apis` with "" for any version or kind, `namespaces` as full matches."""

    apis: tuple[GVK, ...] = ()
    namespaces: tuple[re.Pattern[str], ...] = (re.compile("kube-.*"),)

    @classmethod
    def parse(cls, apis: str = "", namespaces: str = "kube-.*") -> Self:
        """`apis`: `group`, `group/version`, `group/version/Kind,Kind` or `v1/Kind`, separated by ';'.

        `namespaces`: regular expressions separated by ','. Raises ValueError for what is neither.
        """
        entries = (gvk for text in apis.split(";") if text.strip() for gvk in _parse_api(text.strip()))
        return cls(tuple(entries), tuple(re.compile(n.strip()) for n in namespaces.split(",") if n.strip()))


DEFAULT = Skips()


def why_not_kind(gvk: GVK, skips: Skips = DEFAULT) -> str | None:
    """Why no object of this kind is ever a template, or None. Says what not to watch at all."""
    if gvk.group in OWN_GROUPS:
        return f"{gvk.group} holds the hub's own kinds"
    if {(gvk.group, ""), (gvk.group, gvk.kind)} & RECORDS:
        return f"{gvk.kind} records what happened in one cluster"
    if any(_covers(entry, gvk) for entry in skips.apis):
        return f"{gvk} is excluded by the skipped-propagating-apis setting"
    return None


def why_not_template(obj: Obj, skips: Skips = DEFAULT) -> str | None:
    """Why this object is never propagated, or None when policies may claim it."""
    gvk, namespace = gvk_of(obj), namespace_of(obj)
    # A Namespace object stands or falls with the namespace it is.
    where = name_of(obj) if gvk == GVK("", "v1", "Namespace") else namespace
    if why := why_not_kind(gvk, skips):
        return why
    if is_reserved(where):
        return f"namespace {where} is the hub's own"
    if any(pattern.fullmatch(where) for pattern in skips.namespaces):
        return f"namespace {where} is excluded by the skipped-propagating-namespaces setting"
    if (gvk.kind, namespace, name_of(obj)) == _AUTHENTICATION:
        return "it is how a cluster authenticates its own API servers"
    if labels_of(obj).get(CLAIMED_BY):
        return f"label {CLAIMED_BY} says that {labels_of(obj)[CLAIMED_BY]} looks after it"
    return None


def _covers(entry: GVK, gvk: GVK) -> bool:
    return entry.group == gvk.group and entry.version in ("", gvk.version) and entry.kind in ("", gvk.kind)


def _parse_api(text: str) -> list[GVK]:
    parts = text.split("/")
    if len(parts) == 1:
        return [GVK(text, "", "")]
    if len(parts) == 2 and re.fullmatch(r"v\d+((alpha|beta)\d+)?", parts[0]):
        return [GVK("", parts[0], kind.strip()) for kind in parts[1].split(",")]
    if len(parts) <= 3:
        kinds = parts[2].split(",") if len(parts) == 3 else [""]
        return [GVK(parts[0], parts[1], kind.strip()) for kind in kinds]
    raise ValueError(
        f"cannot read {text!r}: write group, group/version, group/version/Kind,Kind or v1/Kind, separated by ';'"
    )
