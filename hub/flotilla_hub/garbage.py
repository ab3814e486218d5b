"""When Python looks for reference cycles in a hub: seldom, and never among what it has just loaded.

Nearly all of a hub's garbage is freed by counting references. The search for the rest runs after every 700 new objects
by default, and one decoded manifest is half as many: it took a tenth to a fifth of the hub's time in a burst.
"""

import gc

__all__ = ["look_seldom", "spare_what_is_loaded"]

YOUNG, MIDDLE, OLD = 20_000, 20, 50
"""Objects more than before the youngest are searched, and how many such searches before the next older are."""


def look_seldom() -> None:
    """For the whole process: call it where the process starts."""
    gc.set_threshold(YOUNG, MIDDLE, OLD)


def spare_what_is_loaded() -> None:
    """What is there now will mostly stay: a search through a hundred thousand objects stops everything meanwhile."""
    gc.collect()
    gc.freeze()
