"""How many files and connections this process may have open: as many as it is allowed to allow itself."""

import resource
from contextlib import suppress

__all__ = ["allow_all"]


def allow_all() -> None:
    """Raise the soft limit to the hard one.

    The usual soft limit of 1,024 is there for programs that use select(2). A Push cluster alone takes six.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Where the system as a whole allows less than the limit says, everything stays as it was.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
