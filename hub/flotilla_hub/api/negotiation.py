"""Which form of an answer a client asked for in its Accept header: the object, a Table, or metadata only. Pure."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from .status_errors import Denied

__all__ = ["PLAIN", "Accepted", "accepted", "media_ranges"]

_META = "meta.k8s.io"
_FORMS = frozenset({"Table", "PartialObjectMetadata", "PartialObjectMetadataList"})


class Accepted(NamedTuple):
    """`form` is empty for the object itself; `version` is that of meta.k8s.io."""

    form: str = ""
    version: str = "v1"

    @property
    def is_table(self) -> bool:
        return self.form == "Table"

    @property
    def is_metadata(self) -> bool:
        return self.form.startswith("Partial")

    @property
    def media_type(self) -> str:
        return f"application/json;as={self.form};v={self.version};g={_META}" if self.form else "application/json"


PLAIN = Accepted()


@lru_cache(maxsize=256)
def accepted(header: str) -> Accepted:
    """The first form in the header that we speak. Raises Denied (406) when there is none, as for protobuf alone."""
    for media_type, parameters in media_ranges(header or "*/*"):
        if media_type not in ("application/json", "application/*", "*/*"):
            continue
        form = parameters.get("as", "")
        if not form:
            return PLAIN
        if form in _FORMS and parameters.get("g") == _META and parameters.get("v") in ("v1", "v1beta1"):
            return Accepted(form, parameters["v"])
    raise Denied(406, "NotAcceptable", "only the following media types are accepted: application/json")


def media_ranges(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each media type of an Accept header with its parameters, in the order given."""
    for part in header.split(","):
        media_type, *parameters = (word.strip() for word in part.split(";"))
        yield media_type, dict(p.split("=", 1) for p in parameters if "=" in p)
