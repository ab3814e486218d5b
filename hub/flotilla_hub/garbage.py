"""When Python looks for reference cycles in a hub: seldom, and never among what it has just loaded.

Nearly all of a hub's garbage is freed by counting references. The search for the rest runs after every 700 new objects
by default, and one decoded manifest is half as many: it took a tenth to a fifth of the hub's time in a burst.
And when the C library gives memory back: at its own wish only from the end of its heap.
"""

import ctypes
import gc
import sys

__all__ = ["give_back", "look_seldom", "spare_what_is_loaded"]

YOUNG, MIDDLE, OLD = 100_000, 20, 50
"""Objects more than before the youngest are searched, and how many such searches before the next older are."""


def look_seldom() -> None:
    """For the whole process: call it where the process starts."""
    gc.set_threshold(YOUNG, MIDDLE, OLD)


def spare_what_is_loaded() -> None:
    """What is there now will mostly stay: a search through a hundred thousand objects stops everything meanwhile."""
    gc.freeze()


def give_back() -> None:
    """The pages in the middle of the heap that a burst has left empty go back to the system.

    Everything stops meanwhile, for 0.5 ms per MiB of heap: call it when a burst is over.
    """
    if _TRIM is not None:
        _TRIM(0)


_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
"""Of glibc; other C libraries have nothing of the kind."""
