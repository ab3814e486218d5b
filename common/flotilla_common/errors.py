"""Why something failed, in the two families our loops tell apart.

FlotillaError
├── Terminal           waiting will not help; wait for the input to change
│   ├── Invalid        the input breaks a rule; carries the field
│   ├── NotFound       the object does not exist
│   ├── Forbidden      the other side refused, and will refuse again
│   ├── Refused        an object is there that is not ours
│   └── TooLarge       it is more than the other side takes at once
└── Retryable          the same call may succeed later; back off
    ├── Conflict       someone wrote first; read again
    ├── Expired        the history asked for is gone; list again
    └── Unavailable    the other side cannot be reached or is not ready

A message says what failed, where, why, and what to do next. Chain with `from`; never log and raise.
"""

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = [
    "Conflict",
    "Expired",
    "FieldError",
    "FlotillaError",
    "Forbidden",
    "Invalid",
    "NotFound",
    "Refused",
    "Retryable",
    "Terminal",
    "TooLarge",
    "Unavailable",
    "leaves",
]


class FlotillaError(Exception):
    """The root of every error we raise on purpose. `reason` is the CamelCase word conditions and Statuses carry."""

    reason = "InternalError"


class Terminal(FlotillaError):
    """Waiting will not help."""

    reason = "Failed"


class Retryable(FlotillaError):
    """The same call may succeed later."""

    reason = "Retry"


@dataclass(frozen=True)
class FieldError:
    """One broken rule: `path` as users write it (`spec.placement.clusterAffinity`), `why` in plain words.

    `kind` is the Kubernetes cause: FieldValueInvalid, FieldValueRequired, FieldValueForbidden, FieldValueNotSupported,
    FieldValueDuplicate.
    """

    path: str
    why: str
    kind: str = "FieldValueInvalid"

    def __str__(self) -> str:
        return f"{self.path}: {self.why}" if self.path else self.why


class Invalid(Terminal):
    """The input breaks one or more rules; nothing was stored."""

    reason = "Invalid"

    def __init__(self, what: str, errors: "list[FieldError] | tuple[FieldError, ...]" = ()) -> None:
        self.errors = tuple(errors)
        details = "; ".join(map(str, self.errors))
        super().__init__(f"{what} is invalid: {details}" if details else what)


class NotFound(Terminal):
    """The object does not exist."""

    reason = "NotFound"


class Forbidden(Terminal):
    """The other side refused, and will refuse again."""

    reason = "Forbidden"


class Refused(Terminal):
    """An object is there that is not ours, and we were not told to take it over."""

    reason = "ResourceConflict"


class TooLarge(Terminal):
    """It is more than the other side takes at once; answered as 413."""

    reason = "RequestEntityTooLarge"


class Conflict(Retryable):
    """Someone wrote first; read again and decide again. `exists` marks a create that found the name taken."""

    reason = "Conflict"

    def __init__(self, message: str, *, exists: bool = False) -> None:
        self.exists = exists
        super().__init__(message)


class Expired(Retryable):
    """The history asked for is gone; list again. Answered as 410 Gone."""

    reason = "Expired"


class Unavailable(Retryable):
    """The other side cannot be reached or is not ready."""

    reason = "ServiceUnavailable"


def leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """What failed, out of the groups that tasks running side by side put it in."""
    for err in group.exceptions:
        yield from leaves(err) if isinstance(err, BaseExceptionGroup) else (err,)
