"""Colour for what needs a second look, where there is a terminal and nobody asked for none (`NO_COLOR`)."""

import os
import sys
from collections.abc import Sequence

from .output import aligned

__all__ = ["BAD", "GOOD", "PLAIN", "QUIET", "WARN", "Line", "painted"]

BAD, WARN, GOOD, QUIET, PLAIN = "31;1", "33", "32", "2", ""

Line = tuple[str, Sequence[str]]
"""A tone and the cells of one line; the columns of all lines are aligned."""


def painted(lines: Sequence[Line]) -> list[str]:
    """Aligned first: escape sequences have no width, but would count."""
    texts = aligned([cells for _, cells in lines]) if lines else []
    is_coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    pairs = zip(lines, texts, strict=True)
    return [f"\x1b[{tone}m{text}\x1b[0m" if tone and is_coloured else text for (tone, _), text in pairs]
