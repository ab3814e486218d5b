"""The `imageOverrider`: another registry, repository or tag, for the images of a workload or for one string."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import jsonpointer

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj

from ...model.override import ImageOverrider
from .containers import containers_of

__all__ = ["Image", "apply"]

_TAG = re.compile(r"\w[\w.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")


def apply(manifest: Obj, args: Sequence[ImageOverrider]) -> None:
    """Raises Terminal when a predicate's path holds no string, or an image cannot be read."""
    for rule in args:
        if rule.predicate:
            _change_one(manifest, rule.predicate.path, rule)
        else:
            for container in containers_of(manifest):
                if container.get("image"):
                    container["image"] = changed(container["image"], rule)


def changed(image: str, rule: ImageOverrider) -> str:
    """The image with one of its components added to, replaced or removed."""
    parsed = Image.parse(image)
    value = "" if rule.operator == "remove" else rule.value
    if rule.component == "Tag":
        return str(parsed.with_version(rule.operator, value))
    field = rule.component.lower()
    if rule.operator == "add":
        value = getattr(parsed, field) + value
    return str(replace(parsed, **{field: value}))


@dataclass(frozen=True)
class Image:
    """`registry/repository:tag@digest`, each part empty when absent."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> "Image":
        """Reads it as Docker does: a first segment with a dot or colon, or `localhost`, is the registry."""
        if not isinstance(text, str) or not text or text != text.strip():
            raise Terminal(f"{text!r} is not an image")
        rest, _, digest = text.partition("@")
        head, slash, tail = rest.partition("/")
        is_registry = bool(slash) and ("." in head or ":" in head or head == "localhost")
        registry, path = (head, tail) if is_registry else ("", rest)
        repository, _, tag = path.partition(":")
        return cls(registry, repository, tag, digest)

    def with_version(self, operator: str, value: str) -> "Image":
        """The tag or digest appended to, set or removed; what is neither a tag nor a digest changes nothing."""
        if operator == "remove":
            return replace(self, tag="") if self.tag else replace(self, digest="")
        wanted = (self.tag or self.digest) + value if operator == "add" else value
        if _TAG.fullmatch(wanted):
            return replace(self, tag=wanted, digest="")
        return replace(self, tag="", digest=wanted) if _DIGEST.fullmatch(wanted) else self

    def __str__(self) -> str:
        name = f"{self.registry}/{self.repository}" if self.registry else self.repository
        # With both, the digest goes, as upstream: a tag that was just set would otherwise have no effect.
        version = f":{self.tag}" if self.tag else f"@{self.digest}" if self.digest else ""
        return name + version


def _change_one(manifest: Obj, path: str, rule: ImageOverrider) -> None:
    found: Any = jsonpointer.resolve_pointer(manifest, path, None)
    if not isinstance(found, str):
        raise Terminal(
            f"imageOverrider predicate {path!r} addresses no string; correct the path, or leave the predicate away"
        )
    jsonpointer.set_pointer(manifest, path, changed(found, rule))
