"""The private keys of the embedded server's operator, its accounts and the hub's own user, in the data directory.

Whoever holds the operator's or an account's key can make credentials for anything: the files are the owner's alone.
"""

import os
from pathlib import Path
from typing import NamedTuple

import nkeys

from flotilla_common.errors import Terminal

__all__ = ["Keys", "generate", "load", "public"]


class Keys(NamedTuple):
    """One nkey pair each."""

    operator: nkeys.KeyPair
    """Signs the accounts."""
    system: nkeys.KeyPair
    """The account in which the server tells about itself; nobody has a user in it."""
    hub: nkeys.KeyPair
    """The account with the streams; signs the hub's users."""
    agents: nkeys.KeyPair
    """The agents' account; signs their users."""
    user: nkeys.KeyPair
    """The hub's own user."""


_PREFIXES = Keys(
    operator=nkeys.PREFIX_BYTE_OPERATOR,
    system=nkeys.PREFIX_BYTE_ACCOUNT,
    hub=nkeys.PREFIX_BYTE_ACCOUNT,
    agents=nkeys.PREFIX_BYTE_ACCOUNT,
    user=nkeys.PREFIX_BYTE_USER,
)


def load(directory: Path) -> Keys:
    """The keys kept in `directory`, which is made, and filled with new ones, where they are missing.

    Raises Terminal for a file that is not a key.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    pairs = zip(Keys._fields, _PREFIXES, strict=True)
    return Keys(*(_load(directory / f"{name}.nk", prefix) for name, prefix in pairs))


def generate(prefix: int = nkeys.PREFIX_BYTE_USER) -> nkeys.KeyPair:
    """A new pair, by default a user's."""
    return nkeys.from_seed(nkeys.encode_seed(os.urandom(32), prefix))


def public(pair: nkeys.KeyPair) -> str:
    text: str = pair.public_key.decode()
    return text


def _load(path: Path, prefix: int) -> nkeys.KeyPair:
    if not path.exists():
        _write(path, generate(prefix).seed)
    try:
        seed = path.read_bytes().strip()
        found, _ = nkeys.decode_seed(seed)
    except (OSError, ValueError, nkeys.NkeysError) as err:
        raise Terminal(f"cannot read the NATS key {path}: {err}; restore it from a backup") from err
    if found != prefix:
        raise Terminal(f"{path} holds a NATS key of another kind; restore it from a backup")
    return nkeys.from_seed(seed)


def _write(path: Path, seed: bytes) -> None:
    # Whole or not at all: a crash must not leave half a key, which every later start would trip over.
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(seed + b"\n")
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
