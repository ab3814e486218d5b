"""Kubeconfig files: read one context of one, put the files it names inside it, and say how to reach its server."""

import base64
import binascii
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj

__all__ = ["Access", "flattened", "read"]

_FILES = {
    "cluster": {"certificate-authority": "certificate-authority-data"},
    "user": {"client-certificate": "client-certificate-data", "client-key": "client-key-data"},
}
_PROGRAMS = ("exec", "auth-provider")


@dataclass(frozen=True)
class Access:
    """How to reach one API server. `ca`, `certificate` and `key` are PEM; empty for none."""

    server: str
    ca: bytes = b""
    certificate: bytes = b""
    key: bytes = b""
    token: str = ""
    verify: bool = True
    server_name: str = ""
    """The name its certificate is for, when that is not the host in `server`."""
    namespace: str = "default"

    @classmethod
    def of(cls, config: Obj) -> Self:
        """From what `read` gives. Raises Terminal when it names no server."""
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        return cls(
            server=str(cluster["server"]).rstrip("/"),
            ca=_decoded(cluster, "certificate-authority-data"),
            certificate=_decoded(user, "client-certificate-data"),
            key=_decoded(user, "client-key-data"),
            token=user.get("token") or "",
            verify=not cluster.get("insecure-skip-tls-verify"),
            server_name=cluster.get("tls-server-name") or "",
            namespace=config["contexts"][0]["context"].get("namespace") or "default",
        )

    def tls(self) -> ssl.SSLContext | None:
        """None for a plain HTTP server. Raises Terminal when the certificates cannot be used."""
        if self.server.startswith("http://"):
            return None
        try:
            context = ssl.create_default_context(cadata=self.ca.decode() if self.ca else None)
            if not self.verify:
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            if self.certificate:
                _load_pair(context, self.certificate, self.key)
        except (ssl.SSLError, ValueError) as err:
            raise Terminal(
                f"the certificates for {self.server} cannot be used: {err}; look into the kubeconfig"
            ) from err
        return context


def read(path: Path, context: str = "") -> Obj:
    """The kubeconfig with only `context` (its current one when empty) and with no file named in it.

    Raises Terminal saying what is wrong with which entry.
    """
    path = path.expanduser()
    try:
        config = yaml.safe_load(path.read_text())
    except FileNotFoundError as err:
        raise Terminal(f"there is no kubeconfig {path}") from err
    except (OSError, yaml.YAMLError) as err:
        raise Terminal(f"cannot read the kubeconfig {path}: {err}") from err
    if not isinstance(config, dict):
        raise Terminal(f"{path} is not a kubeconfig: it holds no map")
    return flattened(config, context, path)


def flattened(config: Obj, context: str, path: Path) -> Obj:
    """`path` is where `config` came from: relative file names in it start there, and errors name it."""
    name = context or config.get("current-context") or ""
    chosen = _entry(config, "context", name, path)
    cluster = dict(_entry(config, "cluster", chosen.get("cluster", ""), path))
    user = dict(_entry(config, "user", chosen["user"], path)) if chosen.get("user") else {}
    if not cluster.get("server"):
        raise Terminal(f"cluster {chosen.get('cluster')!r} in {path} names no server")
    if programs := [word for word in _PROGRAMS if word in user]:
        raise Terminal(
            f"user {chosen['user']!r} in {path} gets its credentials from a program ({programs[0]}), which can not run "
            "elsewhere; make a kubeconfig with the token of a ServiceAccount"
        )
    _take_in(cluster, _FILES["cluster"], path)
    _take_in(user, _FILES["user"], path)
    if token_file := user.pop("tokenFile", ""):
        user.setdefault("token", _file(path, token_file).decode().strip())
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {**chosen, "cluster": name, "user": name}}],
        "current-context": name,
    }


def _entry(config: Obj, word: str, name: str, path: Path) -> dict[str, Any]:
    entries = {e.get("name"): e.get(word) or {} for e in config.get(f"{word}s") or () if isinstance(e, dict)}
    if name in entries:
        found: dict[str, Any] = entries[name]
        return found
    known = ", ".join(sorted(map(str, entries))) or "none"
    raise Terminal(f"{path} has no {word} {name!r}; it has: {known}")


def _take_in(entry: dict[str, Any], files: Mapping[str, str], path: Path) -> None:
    for word, data_word in files.items():
        named = entry.pop(word, "")
        if named and not entry.get(data_word):
            entry[data_word] = base64.b64encode(_file(path, named)).decode()


def _file(path: Path, name: str) -> bytes:
    found = path.parent / name
    try:
        return found.read_bytes()
    except OSError as err:
        raise Terminal(f"cannot read {found}, which the kubeconfig {path} names: {err.strerror}") from err


def _decoded(entry: Mapping[str, Any], word: str) -> bytes:
    try:
        return base64.b64decode(entry.get(word) or "", validate=True)
    except (binascii.Error, ValueError) as err:
        raise Terminal(f"{word} in the kubeconfig is not base64: {err}") from err


def _load_pair(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    # The ssl module takes a client certificate only from a file; ours is gone again when it has been read.
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(certificate + b"\n" + key)
        file.flush()
        context.load_cert_chain(file.name)
