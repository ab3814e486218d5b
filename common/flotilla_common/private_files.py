"""Files and folders that are for their owner only: keys, tokens, credentials, kubeconfigs."""

import os
from pathlib import Path

from .errors import Terminal

__all__ = ["make_folder", "write"]


def write(path: Path, text: str) -> None:
    """Replace `path` whole or not at all."""
    part = path.with_name(path.name + ".part")
    # What an earlier try left may have other rights.
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    part.rename(path)


def make_folder(path: Path, flag: str) -> Path:
    """The folder with `~` resolved, made when missing. Raises Terminal naming `flag` when it cannot be used."""
    folder = path.expanduser()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as err:
        raise Terminal(f"cannot make the folder {folder}: {err.strerror}; choose another with {flag}") from err
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Terminal(f"cannot write into the folder {folder}; choose another with {flag}")
    return folder
