"""The folder `flotilla register` leaves and `flotilla agent run --config` reads: settings, credentials, the key."""

from pathlib import Path

import yaml

from flotilla_common import private_files
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
    path = private_files.make_folder(folder, "--dir") / SEED
    if not path.exists():
        private_files.write(path, new_seed().decode())
    return path.read_bytes().strip()


def write(folder: Path, registration: Registration) -> None:
    """Readable by the owner alone; what is there already is replaced."""
    private_files.write(folder / CREDENTIALS, registration.credentials)
    settings = {
        "cluster": registration.cluster,
        "natsUrls": ",".join(registration.nats_urls),
        "credentials": str((folder / CREDENTIALS).absolute()),
    }
    private_files.write(folder / SETTINGS, yaml.safe_dump(settings, sort_keys=False))
