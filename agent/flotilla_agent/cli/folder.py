"""The folder `flotilla register` leaves and `flotilla agent run --config` reads: settings, credentials, the key."""

import os
from pathlib import Path

import yaml

from flotilla_common.errors import Terminal

from ..link.register import Registration, new_seed

__all__ = ["CREDENTIALS", "SEED", "SETTINGS", "default_folder", "find_settings", "kept_seed", "write"]

SETTINGS, CREDENTIALS, SEED = "agent.yaml", "agent.creds", "agent.nk"


def default_folder(cluster: str) -> Path:
    return Path("~/.flotilla/agents").expanduser() / cluster


def find_settings(given: Path) -> Path:
    """The settings file in a folder, or the file itself. Raises Terminal when there is none."""
    found = given.expanduser() / SETTINGS if given.expanduser().is_dir() else given.expanduser()
    if not found.is_file():
        raise Terminal(f"there is no {found}; `flotilla register --token TOKEN --name NAME` writes one")
    return found


def kept_seed(folder: Path) -> bytes:
    """This agent's private key: the one an earlier `register` made, so that it may be repeated, else a new one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / SEED
    if not path.exists():
        _write_private(path, new_seed().decode())
    return path.read_bytes().strip()


def write(folder: Path, registration: Registration) -> None:
    """Readable by the owner alone; what is there already is replaced."""
    _write_private(folder / CREDENTIALS, registration.credentials)
    settings = {
        "cluster": registration.cluster,
        "natsUrls": ",".join(registration.nats_urls),
        "credentials": str((folder / CREDENTIALS).absolute()),
    }
    _write_private(folder / SETTINGS, yaml.safe_dump(settings, sort_keys=False))


def _write_private(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    part.rename(path)
