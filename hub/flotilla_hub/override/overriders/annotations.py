"""The `annotationsOverrider`: adds, replaces or removes annotations."""

from collections.abc import Sequence

from flotilla_common.objects import Obj

from ...model.override import LabelAnnotationOverrider
from .pairs import edit_pairs

__all__ = ["apply"]


def apply(manifest: Obj, args: Sequence[LabelAnnotationOverrider]) -> None:
    edit_pairs(manifest, "annotations", args)
