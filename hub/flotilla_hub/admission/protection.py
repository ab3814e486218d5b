"""Deletion protection: what carries the label is deleted by nobody, neither on its own nor with what it is in. Pure."""

from collections.abc import Mapping
from typing import Any

from flotilla_common.objects import labels_of

__all__ = ["PROTECTED", "REFUSAL", "is_protected"]

PROTECTED = "resourcetemplate.karmada.io/deletion-protected"
REFUSAL = f"This resource is protected, please make sure to remove the label: {PROTECTED}"
"""Upstream's words."""


def is_protected(obj: Mapping[str, Any]) -> bool:
    """Any value of the label but `Always` means nothing."""
    return labels_of(obj).get(PROTECTED) == "Always"
