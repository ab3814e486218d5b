"""The `plaintext` overrider: one RFC 6902 patch of the whole manifest, all of it or nothing."""

from collections.abc import Sequence

from flotilla_common.objects import Obj

from ...model.override import Plaintext
from .patch import patched

__all__ = ["apply"]


def apply(manifest: Obj, args: Sequence[Plaintext]) -> None:
    """Raises Terminal when a path to remove or replace is missing, or when no object would be left."""
    result = patched(manifest, [(step.operator, step.path, step.value) for step in args])
    if result is not manifest:
        manifest.clear()
        manifest.update(result)
