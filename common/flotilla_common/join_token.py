"""What a cluster registers with: the token, as one line of text, and the paths of the hub that take it.

    flt1.<base64url of {"u": [URLs], "p": pin, "i": id, "s": secret}>

The text says where the hub is, how to know it, and what lets one in. Nothing here keeps or checks secrets:
`flotilla_hub.tokens` does.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Self

from .errors import Terminal
from .objects import decode, encode

__all__ = ["CA_PATH", "REGISTER_PATH", "JoinToken", "pin_of"]

CA_PATH, REGISTER_PATH = "/flotilla/v1/ca", "/flotilla/v1/register"
"""Where the hub answers those who hold a token."""

PREFIX = "flt1"


@dataclass(frozen=True, slots=True)
class JoinToken:
    """`urls` of the hub's API, tried in turn; `pin` of its CA as `pin_of` gives it; `id` is public, `secret` is not."""

    urls: tuple[str, ...]
    pin: str
    id: str
    secret: str

    def __str__(self) -> str:
        body = encode({"u": self.urls, "p": self.pin, "i": self.id, "s": self.secret})
        return f"{PREFIX}.{base64.urlsafe_b64encode(body).decode().rstrip('=')}"

    def __repr__(self) -> str:
        # A token ends up in logs and traces easily; its secret must not.
        return f"JoinToken(id={self.id!r}, urls={self.urls!r})"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of `str`. Raises Terminal for anything else, without repeating it."""
        prefix, _, body = text.strip().partition(".")
        if prefix != PREFIX:
            raise Terminal(f"this is no token of a Flotilla hub: those start with {PREFIX}. ; copy it whole")
        try:
            held = decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
            token = cls(tuple(map(str, held["u"])), str(held["p"]), str(held["i"]), str(held["s"]))
        except (binascii.Error, ValueError, KeyError, TypeError) as err:
            raise Terminal(
                "this token is damaged; copy it whole, or make another with `flotilla token create`"
            ) from err
        if not token.urls:
            raise Terminal("this token names no hub; make another with `flotilla token create`")
        return token


def pin_of(ca: bytes) -> str:
    """`sha256:<hex>` over the public key of a CA certificate in PEM, as kubeadm pins one; raises ValueError for none.

    The key is pinned and not the certificate, so that a CA renewed with its key stays known.
    """
    # Nine megabytes that an agent needs once, when it registers.
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = x509.load_pem_x509_certificate(ca).public_key()
    return "sha256:" + hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
