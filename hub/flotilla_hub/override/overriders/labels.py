"""The `labelsOverrider`: adds, replaces or removes labels."""

from collections.abc import Sequence

from flotilla_common.objects import Obj

from ...model.override import LabelAnnotationOverrider
from .pairs import edit_pairs

__all__ = ["apply"]


def apply(manifest: Obj, args: Sequence[LabelAnnotationOverrider]) -> None:
    edit_pairs(manifest, "labels", args)
